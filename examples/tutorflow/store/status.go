package store

// BookingStatus is where a booking is in its life.
type BookingStatus string

// The statuses of a booking.
const (
	BookingPending    BookingStatus = "pending"
	BookingApproved   BookingStatus = "approved"
	BookingInProgress BookingStatus = "in_progress"
	BookingCompleted  BookingStatus = "completed"
	BookingCancelled  BookingStatus = "cancelled"
	BookingRejected   BookingStatus = "rejected"
)

// Valid reports whether s is one of the six statuses.
func (s BookingStatus) Valid() bool {
	switch s {
	case BookingPending, BookingApproved, BookingInProgress, BookingCompleted, BookingCancelled, BookingRejected:
		return true
	}
	return false
}

// CanBecome reports whether a booking in status s may go to status to. Nothing
// leads back to pending, and nothing leads out of completed, cancelled and
// rejected.
func (s BookingStatus) CanBecome(to BookingStatus) bool {
	switch to {
	case BookingApproved, BookingRejected:
		return s == BookingPending
	case BookingInProgress:
		return s == BookingApproved
	case BookingCompleted:
		return s == BookingInProgress
	case BookingCancelled:
		return s == BookingPending || s == BookingApproved
	}
	return false
}

// PaymentStatus is where a payment is in its life.
type PaymentStatus string

// The statuses of a payment.
const (
	PaymentPending           PaymentStatus = "pending"
	PaymentPaid              PaymentStatus = "paid"
	PaymentFailed            PaymentStatus = "failed"
	PaymentRefunded          PaymentStatus = "refunded"
	PaymentPartiallyRefunded PaymentStatus = "partially_refunded"
)

// AttendanceStatus says whether the student came.
type AttendanceStatus string

// The statuses of an attendance mark.
const (
	Attended            AttendanceStatus = "attended"
	AttendanceNoShow    AttendanceStatus = "no_show"
	AttendanceCancelled AttendanceStatus = "cancelled"
)

// Valid reports whether s is one of the three statuses.
func (s AttendanceStatus) Valid() bool {
	return s == Attended || s == AttendanceNoShow || s == AttendanceCancelled
}
