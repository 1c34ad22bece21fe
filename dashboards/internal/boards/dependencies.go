package boards

import "github.com/tutorflow/observability/dashboards/internal/grafana"

// dependencies shows what the service needs: external services and databases.
func (s set) dependencies() grafana.Dashboard {
	d := board("tutorflow-dependencies", "TutorFlow / Dependencies",
		"External services, database pools and health checks of a TutorFlow service.", "6h")
	d.Layout(
		grafana.Row{Title: "Database pools", Panels: []*grafana.Panel{
			s.poolConnections(), s.poolUtilization(), s.poolWaits(), s.poolWaitTime(),
		}},
		s.alertRow(d.UID),
	)
	return d
}
