package boards

import (
	"github.com/tutorflow/observability/dashboards/internal/grafana"
	"github.com/tutorflow/observability/dashboards/internal/promql"
	"github.com/tutorflow/observability/telemetry/catalog"
)

const noTraffic = "No traffic"

// api shows how the service answers its callers: rate, errors, duration and
// saturation.
func (s set) api() grafana.Dashboard {
	d := board("tutorflow-api", "TutorFlow / API",
		"Request rate, errors, latency and database pools of a TutorFlow service. Start here when an alert fires.", "6h",
		grafana.LabelVariable("endpoint", "Endpoint", catalog.HTTPRequests+"{"+ofJob+"}"))
	d.Layout(
		grafana.Row{Title: "At a glance", Panels: []*grafana.Panel{
			s.requestRate(), s.errorRatioNow(), s.latencyNow(), s.activeNow(),
		}},
		grafana.Row{Title: "Rate", Panels: []*grafana.Panel{
			s.requestsByClass(), s.requestsByEndpoint(), s.activeByInstance(),
		}},
		grafana.Row{Title: "Errors", Panels: []*grafana.Panel{
			s.errorRatio(), s.errorRatioByEndpoint(), s.errorsByType(),
		}},
		grafana.Row{Title: "Duration", Panels: []*grafana.Panel{
			s.latencyQuantiles(), s.latencyByEndpoint(),
		}},
		grafana.Row{Title: "Database pools", Panels: []*grafana.Panel{
			s.poolConnections(), s.poolUtilization(), s.poolWaits(), s.poolWaitTime(),
		}},
		s.alertRow("tutorflow-api"),
	)
	return d
}

// requests selects everything that was asked for, probes included.
func requests(matchers ...string) promql.Selector {
	return scoped(catalog.HTTPRequests, ofEndpoint).Where(matchers...)
}

// served selects what callers asked for.
func (s set) served(matchers ...string) promql.Selector {
	return requests(s.noProbes()).Where(matchers...)
}

func (s set) failed() promql.Selector { return s.served(`status=~"5.."`) }

func (s set) durations() promql.Selector {
	return scoped(catalog.HTTPRequestDuration, ofEndpoint, s.noProbes())
}

func (s set) requestRate() *grafana.Panel {
	return grafana.Stat("Request rate",
		"All requests a second, probes and scrapes included. A drop to zero on a busy day means that traffic no longer arrives: look at the load balancer first.", "reqps",
		grafana.Query(promql.Sum(promql.Rate(requests()), "job"), "{{job}}"))
}

func (s set) errorRatioNow() *grafana.Panel {
	return grafana.Stat("Error ratio",
		"Share of requests answered with a 5xx, without probes. 0% is healthy and empty is idle. When it rises see which endpoint it is in the row Errors.", "percentunit",
		grafana.Query(promql.Share(promql.Rate(s.failed()), promql.Rate(s.served()), "job"), "{{job}}")).
		Limits(s.ErrorRatio/5, s.ErrorRatio).Decimals(2).NoValue(noTraffic)
}

func (s set) latencyNow() *grafana.Panel {
	return grafana.Stat("Latency p95",
		"95 of 100 requests are faster than this, without probes. When it rises see which endpoint it is in the row Duration.", "s",
		grafana.Query(promql.Quantile(0.95, s.durations(), "job"), "{{job}}")).
		Limits(s.Latency/2, s.Latency).NoValue(noTraffic)
}

func (s set) activeNow() *grafana.Panel {
	return grafana.Stat("Active requests",
		"Requests being served right now. A number that only grows means that handlers hang: take a goroutine profile.", "short",
		grafana.Query(promql.Sum(scoped(catalog.HTTPRequestsActive).String(), "job"), "{{job}}"))
}

func (s set) requestsByClass() *grafana.Panel {
	class := `label_replace(` + promql.Rate(requests()) + `, "class", "${1}xx", "status", "(.).+")`
	return grafana.Timeseries("Requests by status class",
		"Requests a second by class of the answer. A step in 4xx means that a client or a contract changed; 5xx is ours to repair.", "reqps",
		grafana.Query(promql.Sum(class, "class"), "{{class}}")).
		Stacked().
		ColorSeries("1xx", "purple").ColorSeries("2xx", grafana.Good).ColorSeries("3xx", "blue").
		ColorSeries("4xx", grafana.Fair).ColorSeries("5xx", grafana.Bad)
}

func (s set) requestsByEndpoint() *grafana.Panel {
	return grafana.Timeseries("Requests by endpoint",
		"Requests a second by route. A growing unmatched line is a scanner or a client with a wrong address.", "reqps",
		grafana.Query(promql.Sum(promql.Rate(requests()), "method", "endpoint"), "{{method}} {{endpoint}}"))
}

func (s set) activeByInstance() *grafana.Panel {
	return grafana.Timeseries("Active requests by instance",
		"Requests being served, by instance. One line above the others is an instance that hangs or a balancer that is unfair.", "short",
		grafana.Query(promql.Sum(scoped(catalog.HTTPRequestsActive).String(), "instance"), "{{instance}}"))
}

func (s set) errorRatio() *grafana.Panel {
	return grafana.Timeseries("Error ratio by job",
		"Share of requests answered with a 5xx, without probes. Above the line for five minutes HighErrorRate pages.", "percentunit",
		grafana.Query(promql.Share(promql.Rate(s.failed()), promql.Rate(s.served()), "job"), "{{job}}")).
		Limit(s.ErrorRatio).NoValue(noTraffic)
}

func (s set) errorRatioByEndpoint() *grafana.Panel {
	return grafana.Timeseries("Error ratio by endpoint",
		"Share of 5xx by route. One route alone points to its code or its dependency, all of them to the database or the host.", "percentunit",
		grafana.Query(promql.Share(promql.Rate(s.failed()), promql.Rate(s.served()), "method", "endpoint"), "{{method}} {{endpoint}}")).
		Limit(s.ErrorRatio).NoValue(noTraffic)
}

func (s set) errorsByType() *grafana.Panel {
	errors := scoped(catalog.Errors, ofEndpoint)
	return grafana.Timeseries("Application errors by type",
		"Errors that the code recorded, a second. A request may record several or none, so never divide this by requests. Search the logs for the type.", "cps",
		grafana.Query(promql.Sum(promql.Rate(errors), "error_type"), "{{error_type}}")).
		Stacked().NoValue("No errors recorded")
}

func (s set) latencyQuantiles() *grafana.Panel {
	return grafana.Timeseries("Latency p50, p95, p99",
		"Request duration without probes; the line is where HighLatency warns. p99 alone rising is a few slow requests, p50 rising is the whole service. A dot opens a trace.", "s",
		grafana.Query(promql.Quantile(0.5, s.durations(), "job"), "p50 {{job}}"),
		grafana.Query(promql.Quantile(0.95, s.durations(), "job"), "p95 {{job}}"),
		grafana.Query(promql.Quantile(0.99, s.durations(), "job"), "p99 {{job}}").WithExemplars()).
		Width(12).Limit(s.Latency).NoValue(noTraffic)
}

func (s set) latencyByEndpoint() *grafana.Panel {
	return grafana.Timeseries("Latency p95 by endpoint",
		"95th percentile by route. Slow routes that share a database or an external service have a common cause. A dot opens a trace.", "s",
		grafana.Query(promql.Quantile(0.95, s.durations(), "method", "endpoint"), "{{method}} {{endpoint}}").WithExemplars()).
		Width(12).Limit(s.Latency).NoValue(noTraffic)
}
