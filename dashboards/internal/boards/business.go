package boards

import (
	"fmt"

	"github.com/tutorflow/observability/alerting/alerts"
	"github.com/tutorflow/observability/dashboards/internal/grafana"
	"github.com/tutorflow/observability/dashboards/internal/promql"
	"github.com/tutorflow/observability/telemetry/catalog"
)

// business shows what the service is for: bookings, payments, reviews and
// attendance, and the external services that they need.
func (s set) business() grafana.Dashboard {
	d := board(businessUID, "TutorFlow / Business",
		"Bookings, payments, reviews and attendance, and the external services behind them. A product problem shows here even while the API looks healthy.", "24h")
	bookings, payments, reviews, attendance := s.bookingsNowAndLastWeek(), s.payments(), s.reviews(), s.attendance()
	d.Layout(
		grafana.Row{Title: "At a glance", Panels: []*grafana.Panel{
			lastHour("Bookings made", "Bookings that students asked for in the last hour. A quiet hour may be a quiet hour: the detail compares it with last week.", scoped(catalog.Bookings, `status="pending"`)).Detail(bookings),
			s.paymentFailuresNow().Detail(payments),
			lastHour("Reviews", "Reviews written in the last hour. None for a day after lessons took place points to the form.", scoped(catalog.Reviews)).Detail(reviews),
			lastHour("Attendance marked", "Attendance marks given in the last hour. None on a school day means that tutors cannot reach the form.", scoped(catalog.Attendance)).Detail(attendance),
		}},
		grafana.Row{Title: "Bookings", Panels: []*grafana.Panel{
			s.bookings(), bookings, s.cancellations(),
		}},
		grafana.Row{Title: "Payments", Panels: []*grafana.Panel{
			payments.Width(12), s.paymentsPerBooking().Width(12),
		}},
		grafana.Row{Title: "Reviews and attendance", Panels: []*grafana.Panel{
			reviews, attendance, s.noShows(),
		}},
		grafana.Row{Title: "External services", Panels: []*grafana.Panel{
			s.externalCallRate(), s.externalLatency(),
		}},
		s.alertRow(businessUID),
	)
	return d
}

// perMinute is the unit of business events: most come less than once a second.
const perMinute = "cpm"

func minuteRate(metric string, by ...string) string {
	return "60 * " + promql.Sum(promql.Rate(scoped(metric)), by...)
}

func lastHour(title, description string, events promql.Selector) *grafana.Panel {
	return counted(grafana.Stat(title+", last hour", description, "short",
		grafana.Query(promql.Sum(promql.Increase(events, "1h"), "job"), "{{job}}"))).
		Decimals(0)
}

func (s set) bookings() *grafana.Panel {
	return grafana.Timeseries("Bookings by status",
		"Bookings a minute that reached a status. Pending without approved means that tutors do not answer or are not notified.", perMinute,
		grafana.Query(minuteRate(catalog.Bookings, "status"), "{{status}}")).
		NoValue(notScraped).
		ColorSeries("pending", "yellow").ColorSeries("approved", "blue").ColorSeries("in_progress", "purple").
		ColorSeries("completed", grafana.Good).ColorSeries("cancelled", grafana.Fair).ColorSeries("rejected", grafana.Bad)
}

func (s set) payments() *grafana.Panel {
	return grafana.Timeseries("Payments by status",
		"Payments a minute that reached a status. When failed rises look at the payment provider below, then at the runbook of TutorFlowPaymentFailures.", perMinute,
		grafana.Query(minuteRate(catalog.Payments, "status"), "{{status}}")).
		NoValue(notScraped).
		ColorSeries("pending", "yellow").ColorSeries("paid", grafana.Good).ColorSeries("failed", grafana.Bad).
		ColorSeries("refunded", grafana.Fair).ColorSeries("partially_refunded", "light-orange")
}

// paymentFailuresNow looks at the decided payments: pending ones and refunds
// would dilute the share. What the alert compares is in its own panel.
func (s set) paymentFailuresNow() *grafana.Panel {
	return grafana.Stat("Payment failures, last hour",
		"Share of the paid or failed payments of the last hour that failed. 0% is healthy and empty is idle. A few percent are declined cards; a jump is the provider or our integration.", "percentunit",
		grafana.Query(shareOfHour(scoped(catalog.Payments, `status="failed"`), scoped(catalog.Payments, `status=~"paid|failed"`)), "{{job}}")).
		Limits(s.PaymentFailureRatio/2, s.PaymentFailureRatio).Decimals(1).NoValue("No payments")
}

// shareOfHour is the share of part in whole over an hour: business events are too
// rare for the interval of a panel.
func shareOfHour(part, whole promql.Selector) string {
	return promql.Share(promql.Increase(part, "1h"), promql.Increase(whole, "1h"), "job")
}

func (s set) bookingsNowAndLastWeek() *grafana.Panel {
	return grafana.Timeseries("Bookings an hour, now and last week",
		fmt.Sprintf("Bookings made in the hour before each instant, and at the same time a week ago (dashed). Below %.6g%% of last week TutorFlowBookingsDropped warns; a holiday looks the same.", 100*s.BookingsRatio), "short",
		grafana.Query(recorded(alerts.BookingsMade).String(), "now {{job}}"),
		grafana.Query(recorded(alerts.BookingsLastWeek).String(), "last week {{job}}")).
		Dashed("B").NoValue("Rules not loaded")
}

func (s set) cancellations() *grafana.Panel {
	ended := scoped(catalog.Bookings, `status=~"completed|cancelled|rejected"`)
	return grafana.Timeseries("Cancellation ratio, last hour",
		"Share of the bookings that ended in the hour before which were cancelled. A rise after a release may be a booking form that takes wrong times; one tutor alone does not show here.", "percentunit",
		grafana.Query(shareOfHour(scoped(catalog.Bookings, `status="cancelled"`), ended), "{{job}}")).
		UpTo(1).NoValue("No booking ended")
}

func (s set) paymentsPerBooking() *grafana.Panel {
	return grafana.Timeseries("Payments per booking, last hour",
		"Payments that went well in the hour before, for each booking made in it; more than 100% when payments lag. A fall while bookings go on means that students do not get as far as paying, and no error need show.", "percentunit",
		grafana.Query(promql.Mean(
			promql.Increase(scoped(catalog.Payments, `status="paid"`), "1h"),
			promql.Increase(scoped(catalog.Bookings, `status="pending"`), "1h"), "job"), "{{job}}")).
		NoValue("No bookings")
}

func (s set) reviews() *grafana.Panel {
	return grafana.Timeseries("Reviews",
		"Reviews written a minute. A flat zero after a release points to the form.", perMinute,
		grafana.Query(minuteRate(catalog.Reviews, "job"), "{{job}}")).
		NoValue(notScraped)
}

func (s set) attendance() *grafana.Panel {
	return grafana.Timeseries("Attendance by status",
		"Attendance marks a minute. Many no-shows at once may be missing reminders: look at the messaging service below.", perMinute,
		grafana.Query(minuteRate(catalog.Attendance, "status"), "{{status}}")).
		NoValue(notScraped).
		ColorSeries("attended", grafana.Good).ColorSeries("no_show", grafana.Bad).ColorSeries("cancelled", grafana.Fair)
}

func (s set) noShows() *grafana.Panel {
	return grafana.Timeseries("No-show ratio, last hour",
		"Share of the lessons marked in the hour before to which the student did not come. A rise everywhere at once points to reminders that are not sent: look at the messaging service below.", "percentunit",
		grafana.Query(shareOfHour(scoped(catalog.Attendance, `status="no_show"`), scoped(catalog.Attendance, `status=~"attended|no_show"`)), "{{job}}")).
		UpTo(1).NoValue("No lesson marked")
}

func (s set) externalCallRate() *grafana.Panel {
	return grafana.Timeseries("External calls by service",
		"Calls a second to each external service. None while there are bookings means that a part of the product stands still. Click a line for how the calls ended.", "reqps",
		grafana.Query(promql.Sum(promql.Rate(scoped(catalog.ExternalServiceCalls)), "service"), "{{service}}")).
		Width(12).NoValue("No external services").
		DataLink("Dependencies: this service", chosenAlso(dependenciesUID, "service", clickedService))
}

func (s set) externalLatency() *grafana.Panel {
	return grafana.Timeseries("External latency p95 by service",
		"95 of 100 calls are faster than this; users wait for it. Above the line TutorFlowExternalServiceSlow warns. Click a line for the operations, a dot for a trace.", "s",
		grafana.Query(promql.Quantile(0.95, scoped(catalog.ExternalServiceDuration), "service"), "{{service}}").WithExemplars()).
		Width(12).Limit(s.ExternalLatency).NoValue(noCalls).
		DataLink("Dependencies: this service", chosenAlso(dependenciesUID, "service", clickedService))
}
