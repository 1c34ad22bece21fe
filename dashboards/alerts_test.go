package dashboards_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tutorflow/observability/alerting"
)

// Somebody who is paged opens the dashboard of the alert and has to see there
// what the alert compares, and the line that it crossed.
func TestEveryAlertIsPlottedWithItsThreshold(t *testing.T) {
	for _, a := range alerting.Alerts() {
		for _, problem := range plotProblems(a, load(t)) {
			t.Errorf("%s: %s", a.Name, problem)
		}
	}
}

func TestPlotProblemsAreFound(t *testing.T) {
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
		a := alerting.HighErrorRate()
		plant(alertPanel(a, boards))
		if len(plotProblems(a, boards)) == 0 {
			t.Errorf("planted %s and it was not found", name)
		}
	}
}

func alertPanel(a alerting.Alert, boards []*board) *panel {
	for _, b := range boards {
		for _, p := range b.data() {
			if b.UID == a.DashboardUID && strings.HasPrefix(p.Title, a.Name+": ") {
				return p
			}
		}
	}
	return nil
}

func plotProblems(a alerting.Alert, boards []*board) []string {
	p := alertPanel(a, boards)
	if p == nil || len(p.Targets) != 2 {
		return []string{"no panel with two queries on " + a.DashboardUID}
	}
	var found []string
	for i, series := range []string{a.Signal, a.Guard} {
		if !strings.HasPrefix(p.Targets[i].Expr, series+"{") {
			found = append(found, fmt.Sprintf("plots %s instead of %s", p.Targets[i].Expr, series))
		}
	}
	f := p.FieldConfig.Defaults
	if line := lastStep(f.Thresholds); line != a.Threshold || f.Custom.ThresholdsStyle.Mode == "off" {
		found = append(found, fmt.Sprintf("draws the line at %v (%s), the alert is at %v", line, f.Custom.ThresholdsStyle.Mode, a.Threshold))
	}
	if line := guardLine(p); line != a.Minimum {
		found = append(found, fmt.Sprintf("draws the minimum at %v, the alert has %v", line, a.Minimum))
	}
	if len(p.Links) != 1 || p.Links[0].URL != a.Runbook(alerting.RunbookURL) {
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

func guardLine(p *panel) float64 {
	for _, o := range p.FieldConfig.Overrides {
		for _, property := range o.Properties {
			var th thresholds
			if o.Matcher.Options == p.Targets[1].RefID && property.ID == "thresholds" && json.Unmarshal(property.Value, &th) == nil {
				return lastStep(th)
			}
		}
	}
	return -1
}
