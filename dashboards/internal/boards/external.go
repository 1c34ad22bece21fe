package boards

import (
	"github.com/tutorflow/observability/dashboards/internal/grafana"
	"github.com/tutorflow/observability/dashboards/internal/promql"
	"github.com/tutorflow/observability/telemetry/catalog"
)

const noCalls = "No external calls"

func externalCalls(matchers ...string) promql.Selector {
	return scoped(catalog.ExternalServiceCalls, ofService).Where(matchers...)
}

// Calls that our own caller gave up say nothing of the service: they are in
// neither.
func externalFailed() promql.Selector  { return externalCalls(`status=~"error|timeout"`) }
func externalDecided() promql.Selector { return externalCalls(`status!="canceled"`) }

func externalDurations() promql.Selector { return scoped(catalog.ExternalServiceDuration, ofService) }

// statusColors gives the series of each status of a call its colour.
func statusColors(p *grafana.Panel) *grafana.Panel {
	return p.ShadeSeries(" success$", grafana.Good).ShadeSeries(" error$", grafana.Bad).
		ShadeSeries(" timeout$", grafana.Fair).ShadeSeries(" canceled$", "blue")
}

func (s set) callsByStatus() *grafana.Panel {
	return statusColors(grafana.Timeseries("Calls by service and status",
		"Calls a second, by how they ended. Error and timeout are the service's; canceled means that our caller went away. A service that is called far more often than the API is may be retried in a loop.", "reqps",
		grafana.Query(promql.Sum(promql.Rate(externalCalls()), "service", "status"), "{{service}} {{status}}")).
		Width(12).Stacked().NoValue("No external services"))
}

func (s set) callFailures() *grafana.Panel {
	return grafana.Timeseries("Failure ratio by service",
		"Share of the calls that failed or timed out, canceled ones left out. 0% is healthy and empty is idle. Above the line TutorFlowExternalServiceErrors warns: look at the status page of the service.", "percentunit",
		grafana.Query(promql.Share(promql.Rate(externalFailed()), promql.Rate(externalDecided()), "job", "service"), "{{job}} {{service}}")).
		Width(12).Limit(s.ExternalErrorRatio).NoValue(noCalls)
}

func (s set) callLatency() *grafana.Panel {
	quantile := func(q float64) string { return promql.Quantile(q, externalDurations(), "job", "service") }
	return grafana.Timeseries("Call latency p50, p95, p99 by service",
		"How long calls take; it is part of our own latency. Above the line TutorFlowExternalServiceSlow warns for p95. A quantile that stays at one value is a timeout. A dot opens a trace.", "s",
		grafana.Query(quantile(0.5), "p50 {{job}} {{service}}"),
		grafana.Query(quantile(0.95), "p95 {{job}} {{service}}"),
		grafana.Query(quantile(0.99), "p99 {{job}} {{service}}").WithExemplars()).
		Width(12).Limit(s.ExternalLatency).NoValue(noCalls)
}

func (s set) failuresByOperation() *grafana.Panel {
	return statusColors(grafana.Timeseries("Failures by operation",
		"Calls a second that did not succeed, by operation. One operation alone is our use of it or its data, all of them are the service or the network.", "cps",
		grafana.Query(promql.Sum(promql.Rate(externalCalls(`status!="success"`)), "service", "operation", "status"), "{{service}} {{operation}} {{status}}")).
		Width(12).Stacked().NoValue("No external services"))
}

func (s set) operationTable() *grafana.Panel {
	labels := []string{"service", "operation"}
	return grafana.Table("Operations",
		"Every operation over the whole time range, busiest first. Click a service to see this dashboard for it alone; sort by a column to find the worst.", labels,
		grafana.Column{Title: "Calls", Unit: "reqps", Expr: promql.Sum(promql.RangeRate(externalCalls()), labels...)},
		grafana.Column{Title: "Failed", Unit: "percentunit", Limit: s.ExternalErrorRatio,
			Expr: promql.Share(promql.RangeRate(externalFailed()), promql.RangeRate(externalDecided()), labels...)},
		grafana.Column{Title: "p95", Unit: "s", Limit: s.ExternalLatency, Expr: promql.RangeQuantile(0.95, externalDurations(), labels...)}).
		NoValue(noCalls).
		LinkColumn("service", onlyThisService, chosenAlso(dependenciesUID, "service", serviceInRow))
}
