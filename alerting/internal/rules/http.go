package rules

import (
	"fmt"
	"regexp"

	"github.com/tutorflow/observability/alerting"
	"github.com/tutorflow/observability/alerting/internal/rulefile"
	"github.com/tutorflow/observability/telemetry/catalog"
)

// served leaves the endpoints out that machines poll.
const served = `endpoint!~"` + alerting.ProbeEndpoints + `"`

func httpGroup(links Links) rulefile.Group {
	return rulefile.Group{
		Name:     "tutorflow-http",
		Interval: interval,
		Rules: []rulefile.Rule{
			record(alerting.RequestRate, fmt.Sprintf(
				"sum by (job) (rate(%s{%s}[%s]))",
				catalog.HTTPRequests, served, window)),

			// Zero times the total gives 0 for a healthy service and nothing for
			// one that is not scraped; vector(0) would call both healthy.
			record(alerting.FailedRequestRate, fmt.Sprintf(
				"sum by (job) (rate(%s{%s,status=~\"5..\"}[%s]))\nor\n0 * %s\n",
				catalog.HTTPRequests, served, window, alerting.RequestRate)),

			record(alerting.FailedRequestRatio, fmt.Sprintf(
				"%s / (%s > 0)", alerting.FailedRequestRate, alerting.RequestRate)),

			record(alerting.FailedRequestCount, count(alerting.FailedRequestRate)),

			// Without traffic a quantile is NaN, which the comparison drops.
			record(alerting.LatencyP95, fmt.Sprintf(
				"histogram_quantile(%s,\n  sum by (job, le) (rate(%s_bucket{%s}[%s]))\n) >= 0\n",
				number(alerting.LatencyQuantile), catalog.HTTPRequestDuration, served, window)),

			record(alerting.SlowRequestCount, slowRequests()),

			alert(alerting.HighErrorRate(), links),
			alert(alerting.HighLatency(), links),
		},
	}
}

// slowRequests counts the requests above the bucket of the latency threshold.
func slowRequests() string {
	slower := fmt.Sprintf("(\n"+
		"  sum by (job) (rate(%[1]s_count{%[2]s}[%[3]s]))\n"+
		"  -\n"+
		"  sum by (job) (rate(%[1]s_bucket{%[2]s,le=~\"%[4]s\"}[%[3]s]))\n"+
		")", catalog.HTTPRequestDuration, served, window, bound(alerting.LatencyThreshold))
	return count(slower) + "\n"
}

// bound is a regular expression for a bucket bound. Prometheus 3 stores
// le="1.0" where Prometheus 2 keeps le="1" as the service writes it.
func bound(f float64) string {
	return regexp.QuoteMeta(number(f)) + "([.]0)?"
}
