package prometheus

import (
	"time"

	"github.com/tutorflow/observability/exporters"
)

// NewWithin is New with a timeout, for tests.
func NewWithin(timeout time.Duration, maxRequestsInFlight int) exporters.Factory {
	return limits{timeout, maxRequestsInFlight}.factory()
}
