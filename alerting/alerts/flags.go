package alerts

import (
	"errors"
	"flag"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// option is a flag of the generators for one threshold.
type option struct {
	name  string
	value *float64
	share bool // lies between 0 and 1
	usage string
}

func options(t *Thresholds) []option {
	return []option{
		{"availability-objective", &t.AvailabilityObjective, true, "`share` of requests that must not fail, over 30 days"},
		{"latency-objective", &t.LatencyObjective, true, "`share` of requests that must be no slower than -latency, over 30 days"},
		{"error-ratio", &t.ErrorRatio, true, "`share` of requests that may end with a 5xx"},
		{"latency", &t.Latency, false, "most `seconds` of the 95th percentile of requests; a bucket bound"},
		{"pool-utilization", &t.PoolUtilization, true, "`share` of a pool's connections that may be in use"},
		{"external-error-ratio", &t.ExternalErrorRatio, true, "`share` of the calls to an external service that may fail"},
		{"external-latency", &t.ExternalLatency, false, "most `seconds` of the 95th percentile of external calls; a bucket bound"},
		{"payment-failure-ratio", &t.PaymentFailureRatio, true, "`share` of the decided payments that may fail"},
		{"bookings-ratio", &t.BookingsRatio, true, "least `share` of last week's bookings in the same hour"},
		{"min-bad-events", &t.MinBadEvents, false, "`number` of bad events before a ratio or a quantile counts"},
		{"min-budget-events", &t.MinBudgetEvents, false, "`number` of bad requests before a burning error budget counts"},
		{"min-pool-size", &t.MinPoolSize, false, "`number` of connections below which a pool is not judged"},
		{"min-bookings", &t.MinBookings, false, "`number` of bookings in last week's hour before a drop counts"},
		{"scrape-samples", &t.ScrapeSamples, false, "`number` of samples that an instance may have on a scrape"},
		{"scrape-duration", &t.ScrapeDuration, false, "`seconds` that a scrape may take"},
		{"goroutines", &t.Goroutines, false, "`number` of goroutines below which their growth is not judged"},
		{"restarts", &t.Restarts, false, "`number` of starts of a process let pass in 30 minutes"},
		{"file-descriptors", &t.FileDescriptors, true, "`share` of the file descriptors that may be open"},
	}
}

// Flags defines a flag for each threshold, with the value of t as its default.
// Validate afterwards: a flag takes any number.
func Flags(set *flag.FlagSet, t *Thresholds) {
	for _, o := range options(t) {
		set.Float64Var(o.value, o.name, *o.value, o.usage)
	}
	set.StringVar(&t.Probes, "probes", t.Probes, "regular `expression` of the endpoints that machines poll")
}

// Validate returns all that is wrong with the thresholds, by the names of the
// flags.
func (t Thresholds) Validate() error {
	var problems []error
	for _, o := range options(&t) {
		switch v := *o.value; {
		case o.share && !(v > 0 && v < 1):
			problems = append(problems, fmt.Errorf("%s: %v is not between 0 and 1", o.name, v))
		case !(v >= 0 && v <= 1e9):
			problems = append(problems, fmt.Errorf("%s: %v is not between 0 and 1e9", o.name, v))
		}
	}
	problems = append(problems,
		validBound("latency", catalog.HTTPRequestDuration, t.Latency),
		validBound("external-latency", catalog.ExternalServiceDuration, t.ExternalLatency),
		validObjective("availability-objective", t.AvailabilityObjective),
		validObjective("latency-objective", t.LatencyObjective))
	// It stands between quotation marks in queries, of the rules and of Grafana.
	if strings.ContainsAny(t.Probes, "\"\\\n") {
		problems = append(problems, fmt.Errorf("probes: %q holds a quotation mark, a backslash or a line break; a dot can be written [.]", t.Probes))
	} else if _, err := regexp.Compile(t.Probes); err != nil {
		problems = append(problems, fmt.Errorf("probes: %w", err))
	}
	return errors.Join(problems...)
}

// validBound returns what is wrong with a limit of a percentile. That of a
// histogram is never above its last bound, so an alert there could not fire.
func validBound(name, histogram string, v float64) error {
	switch d, _ := catalog.Lookup(histogram); slices.Index(d.Buckets, v) {
	case -1:
		return fmt.Errorf("%s: %v is no bucket bound of %s, which has %v", name, v, histogram, d.Buckets)
	case len(d.Buckets) - 1:
		return fmt.Errorf("%s: %v is the last bucket bound of %s, which no percentile exceeds", name, v, histogram)
	}
	return nil
}

// validObjective returns what is wrong with an objective of which the fastest burn
// is out of reach: a budget of a tenth of the requests burns at most ten times too
// fast.
func validObjective(name string, v float64) error {
	var fastest float64
	for _, b := range burns() {
		fastest = max(fastest, b.rate)
	}
	if least := 1 - 1/fastest; v > 0 && v <= least {
		return fmt.Errorf("%s: %v is not above %.5f, and the budget is so large that it cannot burn %g times too fast", name, v, least, fastest)
	}
	return nil
}
