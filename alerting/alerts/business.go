package alerts

import (
	"fmt"
	"time"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// The series about bookings and payments.
const (
	// PaymentFailedRatio is the share of the payments decided within 15 minutes
	// that failed, 0 to 1; absent when none was decided. Pending payments and
	// refunds would dilute it.
	PaymentFailedRatio = "job:tutorflow_payments_failed:ratio15m"
	// PaymentFailedCount is the number of failed payments in 15 minutes.
	PaymentFailedCount = "job:tutorflow_payments_failed:increase15m"

	// BookingsMade is the number of bookings made within an hour; 0, not absent,
	// while the service is up.
	BookingsMade = "job:tutorflow_bookings_made:increase1h"
	// BookingsLastWeek is BookingsMade a week ago.
	BookingsLastWeek = "job:tutorflow_bookings_made_last_week:increase1h"
	// BookingsRatio is BookingsMade as a share of BookingsLastWeek; absent when
	// there were none then, and while the service is down: TutorFlowDown says so.
	BookingsRatio = "job:tutorflow_bookings_made:ratio1w"
)

func business(t Thresholds) subject {
	const period = 15 * time.Minute
	payments := func(matcher string) string {
		return recent(catalog.Payments, "{"+matcher+"}", "job")
	}
	decided := payments(`status=~"failed|paid"`)
	return subject{
		records: []Record{
			{Name: PaymentFailedCount, Expr: orZero("round("+payments(`status="failed"`)+")", decided)},
			{Name: PaymentFailedRatio, Expr: lines("("+payments(`status="failed"`)+" or 0 * "+decided+")", "/", "("+decided+" > 0)")},
			{Name: BookingsMade, Expr: orZero(
				fmt.Sprintf(`round(sum by (job) (increase(%s{status="pending"}[1h])))`, catalog.Bookings), "("+InstancesUp+" > 0)")},
			{Name: BookingsLastWeek, Expr: BookingsMade + " offset 1w"},
			{Name: BookingsRatio, Expr: lines(BookingsMade+" / ("+BookingsLastWeek+" > 0)", "and", "("+InstancesUp+" > 0)")},
		},
		alerts: []Alert{
			{
				Name: "TutorFlowPaymentFailures", Severity: Critical, Component: "business",
				For: 5 * time.Minute, KeepFiring: 10 * time.Minute,
				Conditions: []Condition{
					{PaymentFailedRatio, ">", t.PaymentFailureRatio, "share of failed payments", "percentunit"},
					{PaymentFailedCount, ">=", t.MinBadEvents, "failed payments in 15m", "short"},
				},
				Summary: fmt.Sprintf("{{ $labels.job }}: {{ $value | humanizePercentage }} of the payments fail (threshold %s).", percent(t.PaymentFailureRatio)),
				Description: fmt.Sprintf("Of the payments decided within the last %s, {{ $value | humanizePercentage }} failed, and at least %g of them. "+
					"Students cannot pay, so lessons are not confirmed.", minutes(period), t.MinBadEvents),
				DashboardUID: BusinessUID,
			},
			{
				Name: "TutorFlowBookingsDropped", Severity: Warning, Component: "business",
				For: period,
				Conditions: []Condition{
					{BookingsRatio, "<", t.BookingsRatio, "bookings against last week", "percentunit"},
					{BookingsLastWeek, ">=", t.MinBookings, "bookings in the hour last week", "short"},
				},
				Summary: fmt.Sprintf("{{ $labels.job }}: bookings are at {{ $value | humanizePercentage }} of the same hour last week (threshold %s).", percent(t.BookingsRatio)),
				Description: fmt.Sprintf("Fewer than %s of the bookings of the same hour last week were made in the last hour, for %s; that hour had at least %g. "+
					"Nothing need be failing: the way to the booking form may be broken. Holidays look the same.", percent(t.BookingsRatio), minutes(period), t.MinBookings),
				DashboardUID: BusinessUID,
			},
		},
	}
}
