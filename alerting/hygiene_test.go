package alerting_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tutorflow/observability/alerting/alerts"
	"github.com/tutorflow/observability/alerting/internal/rulefile"
)

// Every check passes on the rules, and finds the defect that plant puts into
// them: a check that finds nothing proves nothing.
func TestRuleHygiene(t *testing.T) {
	record := func(g []rulefile.Group) *rulefile.Rule { return rule(g, alerts.RequestRate) }
	quantile := func(g []rulefile.Group) *rulefile.Rule { return rule(g, alerts.LatencyP95) }
	alert := func(g []rulefile.Group) *rulefile.Rule { return rule(g, "HighErrorRate") }
	always := func(g []rulefile.Group) *rulefile.Rule { return rule(g, watchdog) }
	// replace plants a defect in the expression of a rule.
	replace := func(name, old, replacement string) func([]rulefile.Group) {
		return func(g []rulefile.Group) {
			r := rule(g, name)
			r.Expr = strings.Replace(r.Expr, old, replacement, 1)
		}
	}

	tests := map[string]struct {
		check check
		plant map[string]func([]rulefile.Group)
	}{
		"names are unique": {uniqueNames, map[string]func([]rulefile.Group){
			"a record twice":     func(g []rulefile.Group) { g[0].Rules = append(g[0].Rules, *record(g)) },
			"an alert twice":     func(g []rulefile.Group) { g[0].Rules = append(g[0].Rules, *alert(g)) },
			"an objective twice": func(g []rulefile.Group) { g[0].Rules = append(g[0].Rules, *rule(g, alerts.Objective)) },
			"windows that are not apart": func(g []rulefile.Group) {
				last(g, "TutorFlowErrorBudgetBurn").Labels = rule(g, "TutorFlowErrorBudgetBurn").Labels
			},
		}},
		"records are named level:metric:operation": {eachRule(recordNames), map[string]func([]rulefile.Group){
			"no level": func(g []rulefile.Group) { record(g).Record = "tutorflow_http_requests:rate5m" },
		}},
		"the level in the name is what the expression keeps": {eachRule(recordLevels), map[string]func([]rulefile.Group){
			"one label more":            replace(alerts.RequestRate, "(job)", "(job, endpoint)"),
			"a series of another level": replace(alerts.ExternalFailedRatio, alerts.ExternalCallRate, alerts.RequestRate),
			"no label slo":              func(g []rulefile.Group) { rule(g, alerts.Objective).Labels = nil },
			"a label slo":               func(g []rulefile.Group) { record(g).Labels = &rulefile.Labels{SLO: "availability"} },
		}},
		"a group reads only what it recorded before": {ownSeries, map[string]func([]rulefile.Group){
			"a series of nobody": func(g []rulefile.Group) { alert(g).Expr = "job:tutorflow_lessons:rate5m > 1" },
			"a later series":     func(g []rulefile.Group) { record(g).Expr = alerts.LatencyP95 },
			"itself":             func(g []rulefile.Group) { record(g).Expr = alerts.RequestRate },
		}},
		"metrics, labels and values are in the catalogue": {eachRule(known), map[string]func([]rulefile.Group){
			"a misspelt metric":                  replace(alerts.RequestRate, "requests_total", "request_total"),
			"a misspelt metric of the process":   replace(alerts.Goroutines, "go_goroutines", "go_goroutine"),
			"a suffix that only histograms have": func(g []rulefile.Group) { record(g).Expr = "tutorflow_reviews_total_bucket" },
			"a misspelt label":                   replace(alerts.RequestRate, "endpoint!~", "route!~"),
			"a value that is not declared":       replace(alerts.PaymentFailedCount, `"failed"`, `"declined"`),
			"one strange value of two":           replace(alerts.ExternalFailedRate, "timeout", "timed_out"),
			"a pattern of no metric":             replace(alerts.LabelOverflow, "tutorflow_http_.+", "tutorflow_https_.+"),
			"a pattern of no name":               replace(alerts.RewrittenSeries, "tutorflow_.+", "tutor_flow_.+"),
			"a label of nobody": func(g []rulefile.Group) {
				rule(g, alerts.ScrapeErrors).Expr = `promhttp_metric_handler_errors_total{reason="x"}`
			},
			"a status of no answer": replace(alerts.FailedRequestRate, `"5.."`, `"5."`),
			"a broken pattern":      replace(alerts.FailedRequestRate, `"5.."`, `"5(.."`),
		}},
		"known traps are avoided": {eachRule(traps), map[string]func([]rulefile.Group){
			"vector(0)":            func(g []rulefile.Group) { record(g).Expr += " or vector(0)" },
			"quantile sans le":     func(g []rulefile.Group) { quantile(g).Expr = strings.Replace(quantile(g).Expr, ", le", "", 1) },
			"a literal job":        replace(alerts.RequestRate, "{", `{job="x",`),
			"an exact bound le=":   replace(alerts.RequestRate, "{", `{le="1",`),
			"an unguarded divisor": replace(alerts.FailedRequestRatio, " > 0)", ")"),
		}},
		"alerts are complete": {eachAlert(complete), map[string]func([]rulefile.Group){
			"no labels":              func(g []rulefile.Group) { alert(g).Labels = nil },
			"no annotations":         func(g []rulefile.Group) { alert(g).Annotations = nil },
			"an unknown severity":    func(g []rulefile.Group) { alert(g).Labels.Severity = "page" },
			"an alert that none see": func(g []rulefile.Group) { alert(g).Labels.Severity = "none" },
			"a watchdog that pages":  func(g []rulefile.Group) { always(g).Labels.Severity = "critical" },
			"no component":           func(g []rulefile.Group) { alert(g).Labels.Component = "" },
			"a value in a label":     func(g []rulefile.Group) { alert(g).Labels.Component = "{{ $value }}" },
			"no for":                 func(g []rulefile.Group) { alert(g).For = 0 },
			"a for against its word": func(g []rulefile.Group) { rule(g, "TutorFlowRestartLoop").For = alert(g).For },
			"no comparison":          func(g []rulefile.Group) { alert(g).Expr = alerts.LatencyP95 },
			"a summary of lines":     func(g []rulefile.Group) { alert(g).Annotations.Summary += "\n" },
			"no description":         func(g []rulefile.Group) { alert(g).Annotations.Description = "" },
			"a foreign runbook":      func(g []rulefile.Group) { alert(g).Annotations.RunbookURL += "x" },
		}},
		"the conditions of an alert have the same labels": {eachAlert(oneLevel), map[string]func([]rulefile.Group){
			"a floor by service": func(g []rulefile.Group) { alert(g).Expr += "and\n" + alerts.ExternalFailedCount + " >= 5\n" },
		}},
		"texts use the labels that the alert has, and all of them": {eachAlert(templates), map[string]func([]rulefile.Group){
			"a label that is summed away": func(g []rulefile.Group) { alert(g).Annotations.Description += " {{ $labels.endpoint }} is slow." },
			"a label in the link": func(g []rulefile.Group) {
				alert(g).Annotations.DashboardURL += "&var-x={{ $labels.instance | urlquery }}"
			},
			"a label of the watchdog": func(g []rulefile.Group) { always(g).Annotations.Summary = "{{ $labels.job }} works." },
			"no word of which one": func(g []rulefile.Group) {
				alert(g).Annotations.Summary, alert(g).Annotations.Description = "It fails.", "It fails now."
			},
		}},
		"values are printed in their unit": {eachAlert(humanized), map[string]func([]rulefile.Group){
			"a bare value":        func(g []rulefile.Group) { alert(g).Annotations.Summary = "It is {{ $value }}." },
			"a bare value, tight": func(g []rulefile.Group) { alert(g).Annotations.Description = "It is {{$value}}." },
			"a ratio as a number": func(g []rulefile.Group) { alert(g).Annotations.Summary = "It is {{ $value | humanize }}." },
			"seconds as a share": func(g []rulefile.Group) {
				rule(g, "HighLatency").Annotations.Summary = "{{ $value | humanizePercentage }}."
			},
			"a number as seconds": func(g []rulefile.Group) {
				rule(g, "TutorFlowGoroutineLeak").Annotations.Summary = "{{ $value | humanizeDuration }}."
			},
		}},
		"links lead to a dashboard and select there what fires": {eachAlert(linked(boardVariables(t))), map[string]func([]rulefile.Group){
			"a foreign dashboard": func(g []rulefile.Group) { alert(g).Annotations.DashboardURL = "https://grafana.example.com/d/other" },
			"no dashboard":        func(g []rulefile.Group) { alert(g).Annotations.DashboardURL = "" },
			"no job": func(g []rulefile.Group) {
				alert(g).Annotations.DashboardURL = "https://grafana.example.com/d/tutorflow-api"
			},
			"a job as it is": func(g []rulefile.Group) {
				alert(g).Annotations.DashboardURL = "https://grafana.example.com/d/tutorflow-api?var-job={{ $labels.job }}"
			},
			"a strange variable":   func(g []rulefile.Group) { alert(g).Annotations.DashboardURL += "&var-pod=x" },
			"a variable of others": func(g []rulefile.Group) { alert(g).Annotations.DashboardURL += "&var-service=x" },
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, problem := range tt.check(committedRules()) {
				t.Error(problem)
			}
			for defect, plant := range tt.plant {
				groups := committedRules()
				plant(groups)
				if len(tt.check(groups)) == 0 {
					t.Errorf("planted %s and the check did not find it", defect)
				}
			}
		})
	}
}

// rule returns the rule that records or is called name.
func rule(groups []rulefile.Group, name string) *rulefile.Rule {
	for i, r := range groups[0].Rules {
		if r.Record == name || r.Alert == name {
			return &groups[0].Rules[i]
		}
	}
	panic("no rule " + name)
}

// last is rule for the last one of that name.
func last(groups []rulefile.Group, name string) *rulefile.Rule {
	for i, r := range slices.Backward(groups[0].Rules) {
		if r.Record == name || r.Alert == name {
			return &groups[0].Rules[i]
		}
	}
	panic("no rule " + name)
}

func committedRules() []rulefile.Group {
	return []rulefile.Group{rulefile.TutorFlow(alerts.Defaults(), rulefile.DefaultLinks())}
}
