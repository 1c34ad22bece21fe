package alerting

import "fmt"

// HighErrorRate fires when too many requests end with a 5xx. It reads the
// request counter, not the error counter, since one request may record several
// errors or none.
func HighErrorRate() Alert {
	return Alert{
		Name:      "HighErrorRate",
		Severity:  Critical,
		Component: "api",
		For:       ErrorRatioFor,
		Signal:    FailedRequestRatio,
		Threshold: ErrorRatioThreshold,
		Guard:     FailedRequestCount,
		Minimum:   MinBadEvents,
		Labels:    []string{"job"},
		Summary: fmt.Sprintf("{{ $labels.job }}: {{ $value | humanizePercentage }} of requests fail (threshold %s).",
			percent(ErrorRatioThreshold)),
		Description: fmt.Sprintf("Over the last %s, {{ $value | humanizePercentage }} of the requests to {{ $labels.job }} were answered with a 5xx, and at least %d of them. "+
			"Health and metrics endpoints are not counted. Users see errors now.", minutes(Window), MinBadEvents),
		DashboardUID: "tutorflow-api",
	}
}

// HighLatency fires when the 95th percentile of the request duration is too
// long.
func HighLatency() Alert {
	return Alert{
		Name:      "HighLatency",
		Severity:  Warning,
		Component: "api",
		For:       LatencyFor,
		Signal:    LatencyP95,
		Threshold: LatencyThreshold,
		Guard:     SlowRequestCount,
		Minimum:   MinBadEvents,
		Labels:    []string{"job"},
		Summary: fmt.Sprintf("{{ $labels.job }}: p95 latency is {{ $value | humanizeDuration }} (threshold %gs).",
			LatencyThreshold),
		Description: fmt.Sprintf("Over the last %s, more than %s of the requests to {{ $labels.job }} took longer than %gs, and at least %d of them; the 95th percentile is {{ $value | humanizeDuration }}. "+
			"Health and metrics endpoints are not counted.", minutes(Window), percent(1-LatencyQuantile), LatencyThreshold, MinBadEvents),
		DashboardUID: "tutorflow-api",
	}
}
