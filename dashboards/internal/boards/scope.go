package boards

import (
	"github.com/tutorflow/observability/dashboards/internal/promql"
)

// Matchers for what the reader has chosen at the top of a dashboard.
const (
	ofJob      = `job=~"$job"`
	ofInstance = `instance=~"$instance"`
	ofEndpoint = `endpoint=~"$endpoint"`
	ofService  = `service=~"$service"`
)

// noProbes leaves out what machines poll, exactly as the alerts do.
func (s set) noProbes() string { return `endpoint!~"` + s.Probes + `"` }

// scoped selects a metric of the chosen jobs and instances.
func scoped(metric string, matchers ...string) promql.Selector {
	return promql.Select(metric, ofJob, ofInstance).Where(matchers...)
}
