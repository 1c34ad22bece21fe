package prometheus

import (
	"time"

	"github.com/tutorflow/observability/exporters"
)

// Limits are what a scrape may cost, for tests.
type Limits struct {
	Timeout, Write    time.Duration
	InFlight, Answers int
}

// NewWithin is New with other limits; those that are zero are the usual ones.
func NewWithin(l Limits) exporters.Factory {
	d := defaultLimits()
	if l.Timeout > 0 {
		d.timeout = l.Timeout
	}
	if l.Write > 0 {
		d.write = l.Write
	}
	if l.InFlight > 0 {
		d.inFlight = l.InFlight
	}
	if l.Answers > 0 {
		d.answers = l.Answers
	}
	return d.factory()
}
