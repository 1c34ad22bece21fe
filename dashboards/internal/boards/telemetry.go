package boards

import "github.com/tutorflow/observability/dashboards/internal/grafana"

// telemetry shows whether the other dashboards can be believed.
func (s set) telemetry() grafana.Dashboard {
	d := board("tutorflow-telemetry", "TutorFlow / Telemetry",
		"Whether metrics, spans and log lines arrive, and whole. Look here when another dashboard is empty.", "6h")
	d.Layout(s.alertRow(d.UID))
	return d
}
