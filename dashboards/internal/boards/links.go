package boards

import (
	"github.com/tutorflow/observability/alerting/alerts"
	"github.com/tutorflow/observability/dashboards/internal/grafana"
)

const (
	apiUID          = alerts.APIUID
	businessUID     = alerts.BusinessUID
	dependenciesUID = alerts.DependenciesUID
	runtimeUID      = alerts.RuntimeUID
	telemetryUID    = alerts.TelemetryUID
)

// chosenAlso is the address of a dashboard with what the reader has chosen and
// one more variable, whose value is in the clicked row or series.
func chosenAlso(uid, variable, value string) string {
	return grafana.Address(uid, "${datasource:queryparam}", "${job:queryparam}", "${instance:queryparam}", "var-"+variable+"="+value)
}

// The values behind a click, on a line of a graph and on a cell of a table.
const (
	clickedService  = "${__field.labels.service}"
	serviceInRow    = "${__data.fields.service}"
	endpointInRow   = "${__data.fields.endpoint}"
	onlyThisService = "Only this service"
)
