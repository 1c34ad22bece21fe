package alerts

import (
	"fmt"
	"time"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// The series about requests, probes and scrapes left out.
const (
	// RequestRate is requests a second.
	RequestRate = "job:tutorflow_http_requests:rate5m"
	// FailedRequestRate is 5xx answers a second; 0, not absent, while none fail.
	FailedRequestRate = "job:tutorflow_http_requests_failed:rate5m"
	// FailedRequestRatio is the share of requests answered with a 5xx, 0 to 1;
	// absent without traffic.
	FailedRequestRatio = "job:tutorflow_http_requests_failed:ratio5m"
	// FailedRequestCount is the number of 5xx answers in the window.
	FailedRequestCount = "job:tutorflow_http_requests_failed:increase5m"

	// LatencyP95 is the 95th percentile of the request duration in seconds;
	// absent without traffic.
	LatencyP95 = "job:tutorflow_http_request_duration_seconds:p95_5m"
	// MeasuredRequestRate is requests a second whose duration was measured, which
	// leaves event streams and hijacked connections out.
	MeasuredRequestRate = "job:tutorflow_http_request_duration_seconds_count:rate5m"
	// SlowRequestRate is requests a second that took longer than
	// Thresholds.Latency.
	SlowRequestRate = "job:tutorflow_http_requests_slow:rate5m"
	// SlowRequestCount is the number of them in the window.
	SlowRequestCount = "job:tutorflow_http_requests_slow:increase5m"
)

// latencyQuantile is the quantile that the latency alerts look at.
const latencyQuantile = 0.95

// quantile is the latencyQuantile of a histogram over all series with the same
// labels by. Without traffic it is NaN, which the comparison drops.
func quantile(histogram, matchers, by string) string {
	return lines(fmt.Sprintf("histogram_quantile(%s,", number(latencyQuantile)),
		fmt.Sprintf("  sum by (%s, le) (rate(%s_bucket%s[%s]))", by, histogram, matchers, window), ") >= 0")
}

// slower is the rate of the observations above a bucket bound. Of a series without
// the bucket nothing is known, so each is matched with its own. Two series of one
// scrape can differ by a rounding, and a rate is never below 0.
func slower(histogram, matchers, by string, limit float64) string {
	return lines("clamp_min(", fmt.Sprintf("  sum by (%s) (", by),
		fmt.Sprintf("    rate(%s_count%s[%s])", histogram, matchers, window), "    -",
		fmt.Sprintf("    sum without (le) (rate(%s_bucket{le=~\"%s\"}[%s]))", histogram, bound(limit), window), "  ),", "  0", ")")
}

func requests(t Thresholds) subject {
	// The endpoints that machines poll are left out.
	served := `endpoint!~"` + t.Probes + `"`
	return subject{
		records: []Record{
			{Name: RequestRate, Expr: fmt.Sprintf("sum by (job) (rate(%s{%s}[%s]))", catalog.HTTPRequests, served, window)},
			{Name: FailedRequestRate, Expr: orZero(
				fmt.Sprintf("sum by (job) (rate(%s{%s,status=~\"5..\"}[%s]))", catalog.HTTPRequests, served, window), RequestRate)},
			{Name: FailedRequestRatio, Expr: FailedRequestRate + " / (" + RequestRate + " > 0)"},
			{Name: FailedRequestCount, Expr: count(FailedRequestRate)},
			{Name: LatencyP95, Expr: quantile(catalog.HTTPRequestDuration, "{"+served+"}", "job")},
			{Name: MeasuredRequestRate, Expr: fmt.Sprintf("sum by (job) (rate(%s_count{%s}[%s]))", catalog.HTTPRequestDuration, served, window)},
			{Name: SlowRequestRate, Expr: slower(catalog.HTTPRequestDuration, "{"+served+"}", "job", t.Latency)},
			{Name: SlowRequestCount, Expr: count(SlowRequestRate)},
		},
		alerts: []Alert{highErrorRate(t), highLatency(t)},
	}
}

// highErrorRate reads the request counter, not the error counter, since one
// request may record several errors or none.
func highErrorRate(t Thresholds) Alert {
	return Alert{
		Name: "HighErrorRate", Severity: Critical, Component: "api",
		For: 5 * time.Minute,
		Conditions: []Condition{
			{FailedRequestRatio, ">", t.ErrorRatio, "share of 5xx", "percentunit"},
			{FailedRequestCount, ">=", t.MinBadEvents, "failed requests in 5m", "short"},
		},
		Summary: fmt.Sprintf("{{ $labels.job }}: {{ $value | humanizePercentage }} of requests fail (threshold %s).", percent(t.ErrorRatio)),
		Description: fmt.Sprintf("Over the last %s, {{ $value | humanizePercentage }} of the requests to {{ $labels.job }} were answered with a 5xx, and at least %g of them. "+
			"Health and metrics endpoints are not counted. Users see errors now.", minutes(Window), t.MinBadEvents),
		DashboardUID: APIUID,
	}
}

func highLatency(t Thresholds) Alert {
	return Alert{
		Name: "HighLatency", Severity: Warning, Component: "api",
		For: 5 * time.Minute,
		Conditions: []Condition{
			{LatencyP95, ">", t.Latency, "p95", "s"},
			{SlowRequestCount, ">=", t.MinBadEvents, "slow requests in 5m", "short"},
		},
		Summary: fmt.Sprintf("{{ $labels.job }}: p95 latency is {{ $value | humanizeDuration }} (threshold %gs).", t.Latency),
		Description: fmt.Sprintf("Over the last %s, more than %s of the requests to {{ $labels.job }} took longer than %gs, and at least %g of them; the 95th percentile is {{ $value | humanizeDuration }}. "+
			"Health and metrics endpoints are not counted.", minutes(Window), percent(1-latencyQuantile), t.Latency, t.MinBadEvents),
		DashboardUID: APIUID,
	}
}
