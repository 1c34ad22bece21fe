package alerts

// Thresholds are the objectives and numbers that a team may want to change. The
// dashboards draw their lines from the same values.
type Thresholds struct {
	// AvailabilityObjective is the share of requests that must not fail, over
	// BudgetPeriod.
	AvailabilityObjective float64
	// LatencyObjective is the share of requests that must be no slower than
	// Latency, over BudgetPeriod.
	LatencyObjective float64

	// ErrorRatio is the share of requests that may end with a 5xx.
	ErrorRatio float64
	// Latency is the most that the 95th percentile of the request duration may
	// be, in seconds. It has to be a bucket bound of the histogram: only then
	// does "p95 above one second" mean exactly "more than 5% of the requests
	// took over a second".
	Latency float64
	// PoolUtilization is the share of a database pool's connections that may be
	// in use.
	PoolUtilization float64

	// ExternalErrorRatio is the share of calls to one external service that may
	// fail.
	ExternalErrorRatio float64
	// ExternalLatency is the most that the 95th percentile of the calls to one
	// external service may be, in seconds: a bucket bound like Latency.
	ExternalLatency float64

	// PaymentFailureRatio is the share of decided payments that may fail.
	PaymentFailureRatio float64
	// BookingsRatio is the least that the bookings of an hour may be, as a share
	// of those of the same hour last week.
	BookingsRatio float64

	// MinBadEvents is how many bad events the window must hold before a ratio or
	// a quantile counts. Without it one bad request in a quiet night is an
	// incident. It counts bad events rather than all, so that a total outage at
	// two requests a minute still fires.
	MinBadEvents float64
	// MinBudgetEvents is the same for the long windows of the error budget.
	MinBudgetEvents float64
	// MinPoolSize is the size below which a pool is not judged: one of one
	// connection in use is a SQLite file at work, not exhaustion.
	MinPoolSize float64
	// MinBookings is how many bookings the hour last week must have had.
	MinBookings float64

	// ScrapeSamples is how many samples an instance may have on a scrape.
	ScrapeSamples float64
	// ScrapeDuration is how long a scrape may take, in seconds.
	ScrapeDuration float64
	// Goroutines is the number below which their growth is not judged.
	Goroutines float64
	// Restarts is how many starts of a process are let pass in 30 minutes.
	Restarts float64
	// FileDescriptors is the share of the file descriptors that may be open.
	FileDescriptors float64

	// Probes is a regular expression for the endpoints that machines poll. Their
	// many fast answers would hide slow and failing requests, and a readiness
	// probe answers 503 on purpose.
	Probes string
}

// Defaults returns the values of the committed rules and dashboards. The first
// three thresholds are a contract; the rest are where to start from, to be
// changed when a team knows its service.
func Defaults() Thresholds {
	return Thresholds{
		ErrorRatio:      0.05,
		Latency:         1,
		PoolUtilization: 0.9,

		AvailabilityObjective: 0.999,
		LatencyObjective:      0.99,
		ExternalErrorRatio:    0.1,
		ExternalLatency:       2.5,
		PaymentFailureRatio:   0.2,
		BookingsRatio:         0.2,

		MinBadEvents:    5,
		MinBudgetEvents: 10,
		MinPoolSize:     5,
		MinBookings:     20,

		ScrapeSamples:   5000,
		ScrapeDuration:  5,
		Goroutines:      1000,
		Restarts:        2,
		FileDescriptors: 0.8,

		Probes: "/health(/.*)?|/metrics",
	}
}
