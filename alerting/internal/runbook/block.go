package runbook

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tutorflow/observability/alerting/alerts"
)

// row is the title of the row of each dashboard that holds the alerts' panels.
const row = "What the alerts threshold"

// Block says when the alerts of one name fire, and where to see it. Without
// alerts it is empty.
func Block(named []alerts.Alert) string {
	if len(named) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("| Severity | Fires when | For | Panel |\n|---|---|---|---|\n")
	for _, a := range named {
		panel := "–"
		if len(a.Conditions) > 0 {
			panel = a.Title() + ": " + a.Conditions[0].What
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", a.Severity, When(a), lasting(a), panel)
	}
	first := named[0]
	fmt.Fprintf(&b, "\nComponent `%s`.", first.Component)
	if labels := first.Labels(); len(labels) > 0 {
		fmt.Fprintf(&b, " One alert for each `%s`. The panel is in the row \"%s\" of the dashboard [`%s`](../../dashboards/json/%s.json).",
			strings.Join(labels, "`, `"), row, first.DashboardUID, first.DashboardUID)
	}
	b.WriteString("\n\n```promql\n")
	for i, a := range named {
		if i > 0 {
			b.WriteString("or\n")
		}
		expr := strings.TrimSpace(a.Expr())
		if len(named) > 1 {
			expr = "(\n  " + strings.ReplaceAll(expr, "\n", "\n  ") + "\n)"
		}
		b.WriteString(expr + "\n")
	}
	b.WriteString("```\n")
	return b.String()
}

// When is the condition of a in words.
func When(a alerts.Alert) string {
	if len(a.Conditions) == 0 {
		return "always"
	}
	var all []string
	for _, c := range a.Conditions {
		all = append(all, c.What+" "+strings.ReplaceAll(c.Op, ">=", "≥")+" "+value(c))
	}
	return strings.Join(all, ", and ")
}

func lasting(a alerts.Alert) string {
	text := "at once"
	if a.For > 0 {
		text = span(a.For.Minutes())
	}
	if a.KeepFiring > 0 {
		text += ", goes on for " + span(a.KeepFiring.Minutes())
	}
	return text
}

func span(minutes float64) string {
	if minutes >= 60 {
		return fmt.Sprintf("%gh", minutes/60)
	}
	return fmt.Sprintf("%gm", minutes)
}

// value writes the threshold of c in its unit.
func value(c alerts.Condition) string {
	switch c.Unit {
	case "percentunit":
		return strconv.FormatFloat(100*c.Value, 'g', 4, 64) + "%"
	case "s":
		return strconv.FormatFloat(c.Value, 'f', -1, 64) + "s"
	}
	return strconv.FormatFloat(c.Value, 'f', -1, 64)
}
