package boards

import (
	"github.com/tutorflow/observability/dashboards/internal/grafana"
	"github.com/tutorflow/observability/telemetry/catalog"
)

const (
	noChecks    = "No health checks"
	checkLegend = "{{instance}} {{check}}"
)

func (s set) checksUp() *grafana.Panel {
	return grafana.StateTimeline("Health checks by instance",
		"Whether each check passes, by instance; degraded counts as passing. Red on one instance is that instance, red on all of them the dependency. A critical check that fails takes its instance out of the traffic.",
		[]grafana.State{{Value: "1", Text: "passing", Color: grafana.Good}, {Value: "0", Text: "failing", Color: grafana.Bad}},
		grafana.Query(scoped(catalog.HealthCheckUp).String(), checkLegend)).
		Floor(1).NoValue(noChecks)
}

func (s set) checkDuration() *grafana.Panel {
	return grafana.Timeseries("Health check duration",
		"How long the last run of each check took. A check that gets slow says early what will fail later; at its timeout it fails.", "s",
		grafana.Query(scoped(catalog.HealthCheckDuration).String(), checkLegend)).
		Width(12).NoValue(noChecks)
}
