package boards

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tutorflow/observability/alerting/alerts"
	"github.com/tutorflow/observability/dashboards/internal/grafana"
	"github.com/tutorflow/observability/dashboards/internal/promql"
)

// alertRow plots what each alert of the dashboard compares, with a line where it
// fires.
func (s set) alertRow(uid string) grafana.Row {
	row := grafana.Row{Title: "What the alerts threshold"}
	for _, a := range alerts.On(uid, s.Thresholds) {
		row.Panels = append(row.Panels, s.alertPanel(a))
	}
	return row
}

// alertPanel plots the series that a compares. Those in the unit of the signal
// are on the left axis, the others on the right one.
func (s set) alertPanel(a alerts.Alert) *grafana.Panel {
	signal := a.Conditions[0]
	var targets []grafana.Target
	for i, c := range a.Conditions {
		legend := "{{" + strings.Join(a.Labels(), "}} {{") + "}}"
		if i > 0 {
			legend += " " + c.What
		}
		targets = append(targets, grafana.Query(promql.Select(c.Series, chosen(a.Labels())...).String(), legend))
	}
	p := grafana.Timeseries(a.Title()+": "+signal.What, describe(a), signal.Unit, targets...).
		NoValue("Nothing to judge, or rules not loaded").
		Link("Runbook", a.Runbook(s.runbooks))
	if signal.Op == "<" {
		p.Floor(signal.Value)
	} else {
		p.Limit(signal.Value)
	}
	for i, c := range a.Conditions {
		if hasOwnAxis(a, c) {
			p.RightAxis(p.Targets[i].RefID, c.Unit, c.Value)
		}
	}
	return p
}

// hasOwnAxis reports whether the line of a condition cannot be that of the signal.
func hasOwnAxis(a alerts.Alert, c alerts.Condition) bool {
	signal := a.Conditions[0]
	return c.Unit != signal.Unit || c.Value != signal.Value
}

// chosen matches those of the labels that are variables of every dashboard.
func chosen(labels []string) []string {
	matchers := []string{ofJob}
	if slices.Contains(labels, "instance") {
		matchers = append(matchers, ofInstance)
	}
	return matchers
}

// describe says when a fires and what the lines of its panel are.
func describe(a alerts.Alert) string {
	signal := a.Conditions[0]
	side := "above"
	if signal.Op == "<" {
		side = "below"
	}
	when := "at once"
	if a.For > 0 {
		when = "after " + span(a.For)
	}
	text := fmt.Sprintf("The very series that the alert compares. %s fires %s %s %g (dashed line)", a.Title(), when, side, signal.Value)
	for _, c := range a.Conditions[1:] {
		sign := "at least"
		if c.Op == ">" {
			sign = "more than"
		}
		text += fmt.Sprintf(", with %s %s %g", c.What, sign, c.Value)
		if hasOwnAxis(a, c) {
			text += " (dashed line, right axis)"
		}
	}
	return text + ". The runbook is in the panel's menu. Empty until the recording rules are loaded."
}

// span writes a duration in words.
func span(d time.Duration) string {
	if d >= time.Hour {
		return fmt.Sprintf("%g hours", d.Hours())
	}
	return fmt.Sprintf("%g minutes", d.Minutes())
}
