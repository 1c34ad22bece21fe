package alerts

import (
	"slices"
	"strings"
)

// The addresses in the annotations of the committed rule file. Both are flags of
// the generator.
const (
	// RunbookURL is the folder that holds a runbook for each alert.
	RunbookURL = "https://github.com/tutorflow/observability/blob/main/docs/runbooks"
	// GrafanaURL is the root of the Grafana that shows the dashboards. It is a
	// placeholder that every deployment overrides.
	GrafanaURL = "https://grafana.example.com"
)

// The UIDs of the dashboards that plot what the alerts compare.
const (
	APIUID          = "tutorflow-api"
	BusinessUID     = "tutorflow-business"
	DependenciesUID = "tutorflow-dependencies"
	RuntimeUID      = "tutorflow-runtime"
	TelemetryUID    = "tutorflow-telemetry"
)

// Runbook returns the address of the alert's runbook below base.
func (a Alert) Runbook(base string) string {
	return strings.TrimRight(base, "/") + "/" + a.Name + ".md"
}

// DashboardLink returns the address of the alert's dashboard below base, as a
// Prometheus template that selects there what the alert is about. Of the labels
// job and instance are variables of every dashboard, service is one of those that
// show calls.
func (a Alert) DashboardLink(base string) string {
	url, sep := strings.TrimRight(base, "/")+"/d/"+a.DashboardUID, "?"
	for _, label := range a.Labels() {
		if slices.Contains([]string{"job", "instance", "service"}, label) {
			url += sep + "var-" + label + "={{ $labels." + label + " | urlquery }}"
			sep = "&"
		}
	}
	return url
}
