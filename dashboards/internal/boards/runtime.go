package boards

import "github.com/tutorflow/observability/dashboards/internal/grafana"

// runtime shows the Go process: what it uses and how the runtime fares.
func (s set) runtime() grafana.Dashboard {
	d := board("tutorflow-runtime", "TutorFlow / Go runtime",
		"CPU, memory, goroutines and garbage collection of a TutorFlow service.", "6h")
	d.Layout(s.alertRow(d.UID))
	return d
}
