package dashboards_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tutorflow/observability/alerting/alerts"
)

// Somebody who is paged opens the dashboard of the alert and has to see there
// what the alert compares, and the lines that it crossed.
func TestEveryAlertIsPlottedWithItsThresholds(t *testing.T) {
	boards := load(t)
	for _, a := range alerts.All(alerts.Defaults()) {
		if len(a.Conditions) == 0 {
			continue // it compares nothing
		}
		for _, problem := range plotProblems(a, boards) {
			t.Errorf("%s: %s", a.Title(), problem)
		}
	}
}

func TestPlotProblemsAreFound(t *testing.T) {
	var highErrorRate alerts.Alert
	for _, a := range alerts.All(alerts.Defaults()) {
		if a.Name == "HighErrorRate" {
			highErrorRate = a
		}
	}
	for name, plant := range map[string]func(*panel){
		"another signal":     func(p *panel) { p.Targets[0].Expr = strings.Replace(p.Targets[0].Expr, "5m", "10m", 1) },
		"another guard":      func(p *panel) { p.Targets[1].Expr = p.Targets[0].Expr },
		"another threshold":  func(p *panel) { *p.FieldConfig.Defaults.Thresholds.Steps[1].Value *= 2 },
		"an invisible line":  func(p *panel) { p.FieldConfig.Defaults.Custom.ThresholdsStyle.Mode = "off" },
		"another minimum":    func(p *panel) { p.FieldConfig.Overrides = nil },
		"another runbook":    func(p *panel) { p.Links[0].URL += "#x" },
		"no panel at all":    func(p *panel) { p.Title = "Something else" },
		"a silent threshold": func(p *panel) { p.FieldConfig.Defaults.Thresholds.Steps = nil },
	} {
		boards := load(t)
		plant(alertPanel(highErrorRate, boards))
		if len(plotProblems(highErrorRate, boards)) == 0 {
			t.Errorf("planted %s and it was not found", name)
		}
	}
}

func alertPanel(a alerts.Alert, boards []*board) *panel {
	for _, b := range boards {
		for _, p := range b.data() {
			if b.UID == a.DashboardUID && strings.HasPrefix(p.Title, a.Title()+": ") {
				return p
			}
		}
	}
	return nil
}

func plotProblems(a alerts.Alert, boards []*board) []string {
	p := alertPanel(a, boards)
	if p == nil || len(p.Targets) != len(a.Conditions) {
		return []string{fmt.Sprintf("no panel with %d queries on %s", len(a.Conditions), a.DashboardUID)}
	}
	var found []string
	f := p.FieldConfig.Defaults
	if f.Custom.ThresholdsStyle.Mode == "off" {
		found = append(found, "draws no line")
	}
	for i, c := range a.Conditions {
		if !strings.HasPrefix(p.Targets[i].Expr, c.Series+"{") {
			found = append(found, fmt.Sprintf("plots %s instead of %s", p.Targets[i].Expr, c.Series))
		}
		line := lastStep(f.Thresholds)
		if own, ok := lineOf(p, i); ok {
			line = own
		}
		if line != c.Value {
			found = append(found, fmt.Sprintf("draws the line of %s at %v, the alert is at %v", c.What, line, c.Value))
		}
	}
	// Grafana draws one line for all that share an axis, which is all of one unit.
	for i, c := range a.Conditions {
		for _, other := range a.Conditions[:i] {
			if c.Unit == other.Unit && c.Value != other.Value && c.Unit != a.Conditions[0].Unit {
				found = append(found, fmt.Sprintf("shows %s on the axis of %s and so without a line", c.What, other.What))
			}
		}
	}
	if len(p.Links) != 1 || p.Links[0].URL != a.Runbook(alerts.RunbookURL) {
		found = append(found, "does not link the runbook")
	}
	return found
}

// lastStep is the highest line, or -1.
func lastStep(th thresholds) float64 {
	if len(th.Steps) == 0 || th.Steps[len(th.Steps)-1].Value == nil {
		return -1
	}
	return *th.Steps[len(th.Steps)-1].Value
}

// lineOf returns the line that the query number i has of its own.
func lineOf(p *panel, i int) (float64, bool) {
	for _, o := range p.FieldConfig.Overrides {
		for _, property := range o.Properties {
			var th thresholds
			if o.Matcher.Options == p.Targets[i].RefID && property.ID == "thresholds" && json.Unmarshal(property.Value, &th) == nil {
				return lastStep(th), true
			}
		}
	}
	return -1, false
}

func components() []string {
	var all []string
	for _, a := range alerts.All(alerts.Defaults()) {
		all = append(all, a.Component)
	}
	return all
}
