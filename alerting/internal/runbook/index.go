package runbook

import (
	"fmt"
	"strings"

	"github.com/tutorflow/observability/alerting/alerts"
)

// Index lists the alerts by severity, each with its runbook.
func Index(all []alerts.Alert) string {
	var b strings.Builder
	for _, severity := range []alerts.Severity{alerts.Critical, alerts.Warning, alerts.None} {
		b.WriteString("### Severity " + string(severity) + "\n\n| Alert | Component | Fires when | For | Dashboard |\n|---|---|---|---|---|\n")
		for _, a := range all {
			if a.Severity == severity {
				fmt.Fprintf(&b, "| [%s](%s.md) | %s | %s | %s | `%s` |\n", a.Title(), a.Name, a.Component, When(a), lasting(a), a.DashboardUID)
			}
		}
		b.WriteString("\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}
