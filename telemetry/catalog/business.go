package catalog

import "errors"

// Business holds the counters of what TutorFlow does.
type Business struct {
	Bookings   *CounterBy[BookingStatus]
	Payments   *CounterBy[PaymentStatus]
	Reviews    *Counter
	Attendance *CounterBy[AttendanceStatus]
}

// Business makes the business counters; all series start at 0.
func (m *Meter) Business() (*Business, error) {
	var b Business
	var errs [4]error
	b.Bookings, errs[0] = defined(m, Bookings, bookingStatus())
	b.Payments, errs[1] = defined(m, Payments, paymentStatus())
	b.Attendance, errs[2] = defined(m, Attendance, attendanceStatus())

	d, _ := Lookup(Reviews)
	if errs[3] = m.claim(d); errs[3] == nil {
		b.Reviews, errs[3] = m.counter(d)
	}
	return &b, errors.Join(errs[:]...)
}

// defined makes a counter of the catalogue.
func defined[A ~int](m *Meter, name string, label EnumLabel[A]) (*CounterBy[A], error) {
	d, _ := Lookup(name)
	if err := m.claim(d); err != nil {
		return nil, err
	}
	return counterBy(m, d, label)
}
