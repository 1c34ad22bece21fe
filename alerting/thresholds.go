package alerting

import "time"

// The numbers of the alerts. The dashboards draw their threshold lines from the
// same constants.
const (
	// Window is the range over which the alerts look at rates. At a scrape
	// interval of 15 seconds it holds twenty samples.
	Window = 5 * time.Minute

	// ErrorRatioThreshold is the share of requests that may end with a 5xx.
	ErrorRatioThreshold = 0.05
	// ErrorRatioFor is how long the share has to stay above it.
	ErrorRatioFor = 5 * time.Minute

	// LatencyQuantile is the quantile that HighLatency looks at.
	LatencyQuantile = 0.95
	// LatencyThreshold is the most that the quantile may be, in seconds. It has
	// to be a bucket bound of the histogram: only then does "p95 above one
	// second" mean exactly "more than 5% of the requests took over a second".
	LatencyThreshold = 1.0
	// LatencyFor is how long the quantile has to stay above it.
	LatencyFor = 5 * time.Minute

	// PoolUtilizationThreshold is the share of a database pool's connections
	// that may be in use.
	PoolUtilizationThreshold = 0.9
	// PoolUtilizationFor is how long the share has to stay above it.
	PoolUtilizationFor = 5 * time.Minute

	// MinBadEvents is how many failed, or slow, requests the window must hold
	// before a ratio or a quantile counts. Without it one bad request in a quiet
	// night is an incident. It counts bad requests rather than all requests, so
	// that a total outage at two requests a minute still fires.
	MinBadEvents = 5
	// MinPoolSize is the size below which a pool is not judged: one of one
	// connection in use is a SQLite file at work, not exhaustion.
	MinPoolSize = 5

	// ProbeEndpoints is a regular expression for the endpoints that machines
	// poll. Their many fast answers would hide slow and failing requests, and a
	// readiness probe answers 503 on purpose.
	ProbeEndpoints = "/health(/.*)?|/metrics"
)
