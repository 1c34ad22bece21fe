package boards

import (
	"github.com/tutorflow/observability/dashboards/internal/grafana"
	"github.com/tutorflow/observability/telemetry/catalog"
)

// dependencies shows what the service needs: external services and databases.
func (s set) dependencies() grafana.Dashboard {
	d := board(dependenciesUID, "TutorFlow / Dependencies",
		"External services, database pools and health checks of a TutorFlow service. Look here when its own code seems innocent.", "6h",
		grafana.LabelVariable("service", "External service", catalog.ExternalServiceCalls+"{"+ofJob+"}"))
	d.Layout(
		grafana.Row{Title: "External services", Panels: []*grafana.Panel{
			s.callsByStatus(), s.callFailures(), s.callLatency(), s.failuresByOperation(), s.operationTable(),
		}},
		grafana.Row{Title: "Database pools", Panels: []*grafana.Panel{
			s.poolConnections(), s.poolUtilization(), s.poolWaits(), s.poolWaitTime(),
		}},
		grafana.Row{Title: "Health checks", Panels: []*grafana.Panel{
			s.checksUp(), s.checkDuration(),
		}},
		s.alertRow(dependenciesUID),
	)
	return d
}
