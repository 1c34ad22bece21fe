package alerting_test

import (
	"os"
	"path/filepath"
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

	tests := map[string]struct {
		check check
		plant map[string]func([]rulefile.Group)
	}{
		"names are unique": {uniqueNames, map[string]func([]rulefile.Group){
			"a record twice": func(g []rulefile.Group) { g[0].Rules = append(g[0].Rules, *record(g)) },
		}},
		"records are named level:metric:operation": {eachRule(recordNames), map[string]func([]rulefile.Group){
			"no level": func(g []rulefile.Group) { record(g).Record = "tutorflow_http_requests:rate5m" },
		}},
		"the level in the name is what the expression keeps": {eachRule(recordLevels), map[string]func([]rulefile.Group){
			"one label more": func(g []rulefile.Group) {
				record(g).Expr = strings.Replace(record(g).Expr, "(job)", "(job, endpoint)", 1)
			},
		}},
		"a group reads only what it recorded before": {eachRule(ownSeries), map[string]func([]rulefile.Group){
			"a series of nobody": func(g []rulefile.Group) { alert(g).Expr = "job:tutorflow_lessons:rate5m > 1" },
			"a later series":     func(g []rulefile.Group) { record(g).Expr = alerts.LatencyP95 },
		}},
		"metrics and labels are in the catalogue": {eachRule(known), map[string]func([]rulefile.Group){
			"a misspelt metric": func(g []rulefile.Group) {
				record(g).Expr = strings.Replace(record(g).Expr, "requests_total", "request_total", 1)
			},
			"a suffix that only histograms have": func(g []rulefile.Group) { record(g).Expr = "tutorflow_reviews_total_bucket" },
			"a misspelt label": func(g []rulefile.Group) {
				record(g).Expr = strings.Replace(record(g).Expr, "endpoint!~", "route!~", 1)
			},
		}},
		"known traps are avoided": {eachRule(traps), map[string]func([]rulefile.Group){
			"vector(0)":          func(g []rulefile.Group) { record(g).Expr += " or vector(0)" },
			"quantile sans le":   func(g []rulefile.Group) { quantile(g).Expr = strings.Replace(quantile(g).Expr, ", le", "", 1) },
			"a literal job":      func(g []rulefile.Group) { record(g).Expr = strings.Replace(record(g).Expr, "{", `{job="x",`, 1) },
			"an exact bound le=": func(g []rulefile.Group) { record(g).Expr = strings.Replace(record(g).Expr, "{", `{le="1",`, 1) },
		}},
		"alerts are complete": {eachRule(complete), map[string]func([]rulefile.Group){
			"no labels":           func(g []rulefile.Group) { alert(g).Labels = nil },
			"an unknown severity": func(g []rulefile.Group) { alert(g).Labels.Severity = "page" },
			"no component":        func(g []rulefile.Group) { alert(g).Labels.Component = "" },
			"a value in a label":  func(g []rulefile.Group) { alert(g).Labels.Component = "{{ $value }}" },
			"no for":              func(g []rulefile.Group) { alert(g).For = 0 },
			"no comparison":       func(g []rulefile.Group) { alert(g).Expr = alerts.LatencyP95 },
			"a summary of lines":  func(g []rulefile.Group) { alert(g).Annotations.Summary += "\n" },
			"no description":      func(g []rulefile.Group) { alert(g).Annotations.Description = "" },
			"a foreign runbook":   func(g []rulefile.Group) { alert(g).Annotations.RunbookURL += "x" },
			"a foreign dashboard": func(g []rulefile.Group) { alert(g).Annotations.DashboardURL = "https://grafana.example.com/d/other" },
			"a bare value":        func(g []rulefile.Group) { alert(g).Annotations.Summary = "It is {{ $value }}." },
		}},
		"texts use labels that the alert has": {eachRule(templates), map[string]func([]rulefile.Group){
			"a label that is summed away": func(g []rulefile.Group) { alert(g).Annotations.Summary = "{{ $labels.endpoint }} is slow." },
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

func committedRules() []rulefile.Group {
	return []rulefile.Group{rulefile.TutorFlow(alerts.Defaults(), rulefile.DefaultLinks())}
}

func TestEveryAlertHasARunbookAndEveryRunbookAnAlert(t *testing.T) {
	const dir = "../docs/runbooks"
	var want []string
	for _, a := range alerts.All(alerts.Defaults()) {
		want = append(want, a.Name+".md")
	}
	slices.Sort(want)
	want = slices.Compact(want) // several share a name
	files, err := filepath.Glob(dir + "/*.md")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		got = append(got, filepath.Base(f))
	}
	got = slices.DeleteFunc(got, func(name string) bool { return name == "README.md" })
	if !slices.Equal(got, want) {
		t.Fatalf("runbooks are %q, alerts want %q", got, want)
	}
	for _, name := range want {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, problem := range runbookProblems(name, string(text)) {
			t.Errorf("%s: %s", name, problem)
		}
	}
}

func TestRunbookProblemsAreFound(t *testing.T) {
	const good = "# X\n\n## Meaning\n\n## Impact\n\n## Diagnosis\n\n```promql\ntutorflow_reviews_total\n```\n\n## Mitigation\n"
	if problems := runbookProblems("X.md", good); len(problems) != 0 {
		t.Fatalf("a good runbook has problems: %q", problems)
	}
	for name, bad := range map[string]string{
		"another title":     strings.Replace(good, "# X", "# Y", 1),
		"a missing heading": strings.Replace(good, "## Impact\n", "", 1),
		"an unknown metric": strings.Replace(good, "reviews", "revues", 1),
		"no query":          strings.Replace(good, "promql", "text", 1),
	} {
		if len(runbookProblems("X.md", bad)) == 0 {
			t.Errorf("%s was not found", name)
		}
	}
}

func runbookProblems(file, text string) []string {
	var found []string
	if !strings.HasPrefix(text, "# "+strings.TrimSuffix(file, ".md")+"\n") {
		found = append(found, "the title is not the alert's name")
	}
	for _, heading := range []string{"Meaning", "Impact", "Diagnosis", "Mitigation"} {
		if !strings.Contains(text, "\n## "+heading+"\n") {
			found = append(found, "no heading "+heading)
		}
	}
	if !strings.Contains(text, "```promql") {
		found = append(found, "no query")
	}
	for _, name := range rawMetric.FindAllString(recorded.ReplaceAllString(text, ""), -1) {
		if _, ok := definition(name); !ok {
			found = append(found, "no metric is called "+name)
		}
	}
	return found
}
