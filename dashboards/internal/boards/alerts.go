package boards

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tutorflow/observability/alerting"
	"github.com/tutorflow/observability/dashboards/internal/grafana"
	"github.com/tutorflow/observability/dashboards/internal/promql"
)

// alertRow plots what each alert compares, with a line where it fires.
func alertRow(panels ...*grafana.Panel) grafana.Row {
	return grafana.Row{Title: "What the alerts threshold", Panels: panels}
}

// alertPanel plots the two series that a compares. what names the signal in the
// title, guard the second series in the legend.
func alertPanel(a alerting.Alert, what, unit, guard string) *grafana.Panel {
	matchers := []string{ofJob}
	if slices.Contains(a.Labels, "instance") {
		matchers = append(matchers, ofInstance)
	}
	legend := "{{" + strings.Join(a.Labels, "}} {{") + "}}"
	description := fmt.Sprintf("The very series that the alert compares. %s fires after %g minutes above %g (dashed line) with at least %g %s (dotted line, right axis). The runbook is in the panel's menu. Empty until the recording rules are loaded.",
		a.Name, a.For.Minutes(), a.Threshold, a.Minimum, guard)
	return grafana.Timeseries(a.Name+": "+what, description, unit,
		grafana.Query(promql.Select(a.Signal, matchers...).String(), legend),
		grafana.Query(promql.Select(a.Guard, matchers...).String(), legend+" "+guard),
	).
		Limit(a.Threshold).
		RightAxis("B", "short", a.Minimum).
		NoValue("No traffic, or rules not loaded").
		Link("Runbook", a.Runbook(alerting.RunbookURL))
}
