package api

import (
	"context"

	"go.uber.org/zap"

	"github.com/tutorflow/observability/examples/tutorflow/store"
	"github.com/tutorflow/observability/telemetry/catalog"
)

// Each business event is counted by its typed counter and written to the log.

func (a *API) bookingChanged(ctx context.Context, b store.Booking) {
	if status, ok := bookingStatuses[b.Status]; ok {
		a.tel.Bookings.Add(ctx, status)
	}
	a.tel.Event(ctx, "booking_"+string(b.Status), zap.Int64("booking_id", b.ID), zap.Int64("tutor_id", b.TutorID))
}

func (a *API) paymentChanged(ctx context.Context, p store.Payment) {
	if status, ok := paymentStatuses[p.Status]; ok {
		a.tel.Payments.Add(ctx, status)
	}
	a.tel.Event(ctx, "payment_"+string(p.Status), zap.Int64("payment_id", p.ID), zap.Int64("booking_id", p.BookingID), zap.Int64("amount", p.Amount))
}

func (a *API) reviewCreated(ctx context.Context, r store.Review) {
	a.tel.Reviews.Add(ctx)
	a.tel.Event(ctx, "review_created", zap.Int64("booking_id", r.BookingID), zap.Int("rating", r.Rating))
}

func (a *API) attendanceMarked(ctx context.Context, m store.Attendance) {
	if status, ok := attendanceStatuses[m.Status]; ok {
		a.tel.Attendance.Add(ctx, status)
	}
	a.tel.Event(ctx, "attendance_"+string(m.Status), zap.Int64("booking_id", m.BookingID))
}

var bookingStatuses = map[store.BookingStatus]catalog.BookingStatus{
	store.BookingPending:    catalog.BookingPending,
	store.BookingApproved:   catalog.BookingApproved,
	store.BookingInProgress: catalog.BookingInProgress,
	store.BookingCompleted:  catalog.BookingCompleted,
	store.BookingCancelled:  catalog.BookingCancelled,
	store.BookingRejected:   catalog.BookingRejected,
}

var paymentStatuses = map[store.PaymentStatus]catalog.PaymentStatus{
	store.PaymentPending:           catalog.PaymentPending,
	store.PaymentPaid:              catalog.PaymentPaid,
	store.PaymentFailed:            catalog.PaymentFailed,
	store.PaymentRefunded:          catalog.PaymentRefunded,
	store.PaymentPartiallyRefunded: catalog.PaymentPartiallyRefunded,
}

var attendanceStatuses = map[store.AttendanceStatus]catalog.AttendanceStatus{
	store.Attended:            catalog.AttendanceAttended,
	store.AttendanceNoShow:    catalog.AttendanceNoShow,
	store.AttendanceCancelled: catalog.AttendanceCancelled,
}
