package boards

import (
	"github.com/tutorflow/observability/dashboards/internal/grafana"
	"github.com/tutorflow/observability/dashboards/internal/promql"
	"github.com/tutorflow/observability/telemetry/catalog"
)

func (s set) scrapeDuration() *grafana.Panel {
	return grafana.Timeseries("Scrape duration",
		"Time that a scrape takes. Above the line in one of ten scrapes TutorFlowScrapeSlow warns, and at the scrape timeout points are lost. Look for too many series, or for a process without CPU.", "s",
		grafana.Query(perTarget("scrape_duration_seconds"), byInstance)).
		Width(6).Limit(s.ScrapeDuration).NoValue(noTarget)
}

func (s set) scrapeSamples() *grafana.Panel {
	return grafana.Timeseries("Samples per scrape",
		"Samples that a scrape keeps. Above the line for 15 minutes TutorFlowSeriesGrowth warns. The metrics of this SDK are bounded by the program: look in the row Cardinality for an instrument of the service.", "short",
		grafana.Query(perTarget("scrape_samples_post_metric_relabeling"), byInstance)).
		Width(6).Limit(s.ScrapeSamples).NoValue(noTarget)
}

func (s set) seriesAdded() *grafana.Panel {
	return grafana.Timeseries("New series per scrape",
		"Series that Prometheus had not seen on the scrape before. A peak at a start is normal; a number that stays above 0 is a label with ever new values.", "short",
		grafana.Query(perTarget("scrape_series_added"), byInstance)).
		Width(6).NoValue(noTarget)
}

func (s set) gatherErrors() *grafana.Panel {
	errors := promql.Sum(promql.Rate(scoped("promhttp_metric_handler_errors_total")), "job", "instance", "cause")
	return grafana.Timeseries("Errors on /metrics",
		"Errors a second while metrics were gathered or encoded for a scrape. Healthy is 0: otherwise series are missing from it. The log line telemetry failed names the metric.", "cps",
		grafana.Query(ofSDK(errors), "{{instance}} {{cause}}")).
		Width(6).NoValue(noProcess)
}

// exported selects every series of the chosen processes, without what Prometheus
// adds and what rules record.
func exported() string {
	return promql.Select("", `__name__!~"up|scrape_.+|[A-Z_]+|.+:.+"`, ofJob, ofInstance).String()
}

func (s set) seriesByMetric() *grafana.Panel {
	const metrics = "15"
	return grafana.BarGauge("Series by metric, the "+metrics+" largest",
		"Series now by metric name, over all chosen instances, those of the service's own instruments and of the Go runtime included. One that outgrows the requests of the SDK has a label that should be closed: an ID, an address, the text of an error.", "short",
		grafana.Query("sort_desc(topk("+metrics+", count by (__name__) ("+exported()+" and on (job) "+knownJobs()+")))", "{{__name__}}")).
		NoValue(noTarget)
}

func (s set) endpoints() *grafana.Panel {
	rated := promql.Sum(promql.Rate(scoped(catalog.HTTPRequests)), "job", "endpoint")
	return grafana.Timeseries("Distinct endpoints",
		"Route templates with a series: the routes of the service and unmatched. A climb means that paths are taken for routes; those beyond the first 1000 are counted as unmatched.", "short",
		grafana.Query("count by (job) ("+rated+")", "{{job}}")).
		Width(6).NoValue(noProcess)
}

func (s set) labelOverflow() *grafana.Panel {
	return grafana.Timeseries("Label overflow by metric",
		"Measurements a minute with a label value outside the declared set, or one series too many. They are counted under another value, so panels split by that label are short of them. Healthy is 0, but strangers with odd methods move tutorflow_http_requests_total. The log has a line telemetry failed for each metric.", perMinute,
		grafana.Query(minuteRate(catalog.TelemetryLabelOverflow, "metric"), "{{metric}}")).
		Width(6).NoValue(noProcess)
}
