package api

import (
	"context"

	"go.uber.org/zap"

	"github.com/tutorflow/observability/examples/tutorflow/store"
	"github.com/tutorflow/observability/telemetry/catalog"
)

// Each business event is counted by its typed counter and written to the log.

func (a *API) bookingChanged(ctx context.Context, b store.Booking) {
	a.tel.Bookings.Add(ctx, bookingStatus(b.Status))
	a.tel.Event(ctx, "booking_"+string(b.Status), zap.Int64("booking_id", b.ID), zap.Int64("tutor_id", b.TutorID))
}

func (a *API) paymentChanged(ctx context.Context, p store.Payment) {
	a.tel.Payments.Add(ctx, paymentStatus(p.Status))
	a.tel.Event(ctx, "payment_"+string(p.Status), zap.Int64("payment_id", p.ID), zap.Int64("booking_id", p.BookingID), zap.Int64("amount", p.Amount))
}

func (a *API) reviewCreated(ctx context.Context, r store.Review) {
	a.tel.Reviews.Add(ctx)
	a.tel.Event(ctx, "review_created", zap.Int64("booking_id", r.BookingID), zap.Int("rating", r.Rating))
}

func (a *API) attendanceMarked(ctx context.Context, m store.Attendance) {
	a.tel.Attendance.Add(ctx, attendanceStatus(m.Status))
	a.tel.Event(ctx, "attendance_"+string(m.Status), zap.Int64("booking_id", m.BookingID))
}

func bookingStatus(s store.BookingStatus) catalog.BookingStatus {
	switch s {
	case store.BookingApproved:
		return catalog.BookingApproved
	case store.BookingInProgress:
		return catalog.BookingInProgress
	case store.BookingCompleted:
		return catalog.BookingCompleted
	case store.BookingCancelled:
		return catalog.BookingCancelled
	case store.BookingRejected:
		return catalog.BookingRejected
	}
	return catalog.BookingPending
}

func paymentStatus(s store.PaymentStatus) catalog.PaymentStatus {
	switch s {
	case store.PaymentPaid:
		return catalog.PaymentPaid
	case store.PaymentFailed:
		return catalog.PaymentFailed
	case store.PaymentRefunded:
		return catalog.PaymentRefunded
	case store.PaymentPartiallyRefunded:
		return catalog.PaymentPartiallyRefunded
	}
	return catalog.PaymentPending
}

func attendanceStatus(s store.AttendanceStatus) catalog.AttendanceStatus {
	switch s {
	case store.AttendanceNoShow:
		return catalog.AttendanceNoShow
	case store.AttendanceCancelled:
		return catalog.AttendanceCancelled
	}
	return catalog.AttendanceAttended
}
