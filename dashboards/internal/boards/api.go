package boards

import (
	"github.com/tutorflow/observability/dashboards/internal/grafana"
	"github.com/tutorflow/observability/dashboards/internal/promql"
	"github.com/tutorflow/observability/telemetry/catalog"
)

const noTraffic = "No traffic"

// api shows how the service answers its callers: rate, errors, duration and
// saturation, and what that means for its objectives.
func (s set) api() grafana.Dashboard {
	d := board(apiUID, "TutorFlow / API",
		"Objectives, request rate, errors and latency of a TutorFlow service. Start here when an alert fires.", "6h",
		grafana.LabelVariable("endpoint", "Endpoint", catalog.HTTPRequests+"{"+ofJob+"}"))
	budget, burn := s.budgetRemaining(), s.burnRate()
	byClass, errors, latency, active := s.requestsByClass(), s.errorRatioByEndpoint(), s.latencyQuantiles(), s.activeByInstance()
	d.Layout(
		grafana.Row{Title: "At a glance", Panels: []*grafana.Panel{
			s.availabilityNow().Detail(burn), s.budgetNow().Detail(budget),
			s.requestRate().Detail(byClass), s.errorRatioNow().Detail(errors), s.latencyNow().Detail(latency), s.activeNow().Detail(active),
			s.instancesNow(), s.firingAlerts(apiUID),
		}},
		grafana.Row{Title: "SLO and error budget", Panels: []*grafana.Panel{
			burn, budget, s.withinLatency(),
		}},
		grafana.Row{Title: "Rate", Panels: []*grafana.Panel{
			byClass, s.requestsByEndpoint(),
		}},
		grafana.Row{Title: "Errors", Panels: []*grafana.Panel{
			errors, s.clientErrorRatio(), s.errorsByType(),
		}},
		grafana.Row{Title: "Duration", Panels: []*grafana.Panel{
			s.latencyDistribution(), latency, s.latencyByEndpoint(),
		}},
		grafana.Row{Title: "By endpoint", Panels: []*grafana.Panel{
			s.endpointTable(),
		}},
		grafana.Row{Title: "Saturation", Panels: []*grafana.Panel{
			active, s.poolUtilization().Width(12).To("Database pools", dependenciesUID),
		}},
		s.alertRow(apiUID),
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
	return counted(grafana.Stat("Request rate",
		"All requests a second, probes and scrapes included. A drop to zero on a busy day means that traffic no longer arrives: look at the load balancer first.", "reqps",
		grafana.Query(promql.Sum(promql.Rate(requests()), "job"), "{{job}}"))).
		Width(4)
}

func (s set) errorRatioNow() *grafana.Panel {
	return grafana.Stat("Error ratio",
		"Share of requests answered with a 5xx, without probes. 0% is healthy and empty is idle. When it rises see which endpoint it is in the row Errors.", "percentunit",
		grafana.Query(promql.Share(promql.Rate(s.failed()), promql.Rate(s.served()), "job"), "{{job}}")).
		Width(4).Limits(s.ErrorRatio/5, s.ErrorRatio).Decimals(2).NoValue(noTraffic)
}

func (s set) latencyNow() *grafana.Panel {
	return grafana.Stat("Latency p95",
		"95 of 100 requests are faster than this, without probes. When it rises see which endpoint it is in the row Duration.", "s",
		grafana.Query(promql.Quantile(0.95, s.durations(), "job"), "{{job}}")).
		Width(4).Limits(s.Latency/2, s.Latency).NoValue(noTraffic)
}

func (s set) activeNow() *grafana.Panel {
	return counted(grafana.Stat("Active requests",
		"Requests being served right now. A number that only grows means that handlers hang: take a goroutine profile.", "short",
		grafana.Query(promql.Sum(scoped(catalog.HTTPRequestsActive).String(), "job"), "{{job}}"))).
		Width(4)
}

func (s set) requestsByClass() *grafana.Panel {
	class := `label_replace(` + promql.Rate(requests()) + `, "class", "${1}xx", "status", "(.).+")`
	return grafana.Timeseries("Requests by status class",
		"Requests a second by class of the answer. A step in 4xx means that a client or a contract changed; 5xx is ours to repair.", "reqps",
		grafana.Query(promql.Sum(class, "class"), "{{class}}")).
		Width(12).Stacked().NoValue(notScraped).
		ColorSeries("1xx", "purple").ColorSeries("2xx", grafana.Good).ColorSeries("3xx", "blue").
		ColorSeries("4xx", grafana.Fair).ColorSeries("5xx", grafana.Bad)
}

func (s set) requestsByEndpoint() *grafana.Panel {
	return grafana.Timeseries("Requests by endpoint",
		"Requests a second by route. A growing unmatched line is a scanner or a client with a wrong address.", "reqps",
		grafana.Query(promql.Sum(promql.Rate(requests()), "method", "endpoint"), "{{method}} {{endpoint}}")).
		Width(12).NoValue(notScraped)
}

func (s set) activeByInstance() *grafana.Panel {
	return grafana.Timeseries("Active requests by instance",
		"Requests being served, by instance. One line above the others is an instance that hangs or a balancer that is unfair.", "short",
		grafana.Query(promql.Sum(scoped(catalog.HTTPRequestsActive).String(), "instance"), "{{instance}}")).
		Width(12).NoValue(notScraped)
}

func (s set) errorRatioByEndpoint() *grafana.Panel {
	return grafana.Timeseries("Error ratio by endpoint",
		"Share of 5xx by route. One route alone points to its code or its dependency, all of them to the database or the host.", "percentunit",
		grafana.Query(promql.Share(promql.Rate(s.failed()), promql.Rate(s.served()), "method", "endpoint"), "{{method}} {{endpoint}}")).
		Limit(s.ErrorRatio).NoValue(noTraffic)
}

func (s set) clientErrorRatio() *grafana.Panel {
	refused := s.served(`status=~"4.."`)
	return grafana.Timeseries("4xx ratio",
		"Share of requests that were refused as the caller's fault, without probes. It is in no objective; a step means that a client or a contract changed, or that somebody scans.", "percentunit",
		grafana.Query(promql.Share(promql.Rate(refused), promql.Rate(s.served()), "job"), "{{job}}")).
		NoValue(noTraffic)
}

func (s set) errorsByType() *grafana.Panel {
	errors := scoped(catalog.Errors, ofEndpoint)
	return grafana.Timeseries("Application errors by type",
		"Errors that the code recorded, a second. A request may record several or none, so never divide this by requests. Search the logs for the type.", "cps",
		grafana.Query(promql.Sum(promql.Rate(errors), "error_type"), "{{error_type}}")).
		Stacked().NoValue(notScraped)
}

func (s set) latencyQuantiles() *grafana.Panel {
	return grafana.Timeseries("Latency p50, p95, p99",
		"Request duration without probes; the line is where HighLatency warns. p99 alone rising is a few slow requests, p50 rising is the whole service. A dot opens a trace.", "s",
		grafana.Query(promql.Quantile(0.5, s.durations(), "job"), "p50 {{job}}"),
		grafana.Query(promql.Quantile(0.95, s.durations(), "job"), "p95 {{job}}"),
		grafana.Query(promql.Quantile(0.99, s.durations(), "job"), "p99 {{job}}").WithExemplars()).
		Width(12).Limit(s.Latency).NoValue(noTraffic)
}

func (s set) latencyDistribution() *grafana.Panel {
	return grafana.Heatmap("Latency distribution",
		"Requests a second by how long they took, without probes; the darker the more. Two bands are two kinds of request, which a quantile blurs; a band that rises is a dependency that gets slow. A dot opens a trace.", "s", "reqps",
		promql.Buckets(s.durations())).
		NoValue(noTraffic)
}

func (s set) latencyByEndpoint() *grafana.Panel {
	return grafana.Timeseries("Latency p95 by endpoint",
		"95th percentile by route. Slow routes that share a database or an external service have a common cause. A dot opens a trace.", "s",
		grafana.Query(promql.Quantile(0.95, s.durations(), "method", "endpoint"), "{{method}} {{endpoint}}").WithExemplars()).
		Width(24).Limit(s.Latency).NoValue(noTraffic)
}

func (s set) endpointTable() *grafana.Panel {
	return grafana.Table("Endpoints",
		"Every route over the whole time range, probes left out, busiest first. Click an endpoint to see this dashboard for it alone; sort by a column to find the worst.",
		[]string{"method", "endpoint"},
		grafana.Column{Title: "Requests", Unit: "reqps", Expr: promql.Sum(promql.RangeRate(s.served()), "method", "endpoint")},
		grafana.Column{Title: "5xx", Unit: "percentunit", Limit: s.ErrorRatio,
			Expr: promql.Share(promql.RangeRate(s.failed()), promql.RangeRate(s.served()), "method", "endpoint")},
		grafana.Column{Title: "p95", Unit: "s", Limit: s.Latency, Expr: promql.RangeQuantile(0.95, s.durations(), "method", "endpoint")}).
		NoValue(noTraffic).
		LinkColumn("endpoint", "Only this endpoint", chosenAlso(apiUID, "endpoint", endpointInRow))
}
