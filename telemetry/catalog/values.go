package catalog

// BookingStatus is the state that a booking has reached.
type BookingStatus int

// The states of a booking.
const (
	BookingPending BookingStatus = iota
	BookingApproved
	BookingInProgress
	BookingCompleted
	BookingCancelled
	BookingRejected
)

func bookingStatus() EnumLabel[BookingStatus] {
	return Enum[BookingStatus]("status", "pending", "approved", "in_progress", "completed", "cancelled", "rejected")
}

// PaymentStatus is the state that a payment has reached.
type PaymentStatus int

// The states of a payment.
const (
	PaymentPending PaymentStatus = iota
	PaymentPaid
	PaymentFailed
	PaymentRefunded
	PaymentPartiallyRefunded
)

func paymentStatus() EnumLabel[PaymentStatus] {
	return Enum[PaymentStatus]("status", "pending", "paid", "failed", "refunded", "partially_refunded")
}

// AttendanceStatus is how a student's attendance was marked.
type AttendanceStatus int

// The marks of an attendance.
const (
	AttendanceAttended AttendanceStatus = iota
	AttendanceNoShow
	AttendanceCancelled
)

func attendanceStatus() EnumLabel[AttendanceStatus] {
	return Enum[AttendanceStatus]("status", "attended", "no_show", "cancelled")
}

// CallStatus is how a call to an external service ended.
type CallStatus int

// The ends of an external call. A call that ran out of time is CallTimeout; one
// that our own side gave up, mostly because the client went away, is
// CallCanceled and no fault of the service.
const (
	CallSuccess CallStatus = iota
	CallError
	CallTimeout
	CallCanceled
)

// String returns the label value of s.
func (s CallStatus) String() string { return callStatus().value(s) }

func callStatus() EnumLabel[CallStatus] {
	return Enum[CallStatus]("status", "success", "error", "timeout", "canceled")
}

// Control is what of the telemetry can be changed while the program runs.
type Control int

// The controls.
const (
	ControlLogLevel Control = iota
	ControlMetric
)

func control() EnumLabel[Control] { return Enum[Control]("control", "log_level", "metric") }

// Refusal is why the admin listener refused a request.
type Refusal int

// The refusals: without the token, from another machine, under a foreign host,
// from a web page of another site.
const (
	RefusedToken Refusal = iota
	RefusedPeer
	RefusedHost
	RefusedOrigin
)

// String returns the label value of r.
func (r Refusal) String() string { return refusal().value(r) }

func refusal() EnumLabel[Refusal] {
	return Enum[Refusal]("reason", "token", "peer", "host", "origin")
}

// Action is what was done to a control.
type Action int

// The actions: a change, and its end, by whatever way.
const (
	ActionSet Action = iota
	ActionRevert
)

func action() EnumLabel[Action] { return Enum[Action]("action", "set", "revert") }
