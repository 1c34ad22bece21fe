package alerting_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tutorflow/observability/alerting/internal/rulefile"
	"github.com/tutorflow/observability/telemetry/catalog"
)

// A check looks at the groups and returns what is wrong with them.
type check func(groups []rulefile.Group) []string

var (
	recordName = regexp.MustCompile(`^[a-z_]+:[a-z0-9_]+:[a-z0-9_]+$`)
	recorded   = regexp.MustCompile(`[a-z_]+:[a-z0-9_]+:[a-z0-9_]+`)
	rawMetric  = regexp.MustCompile(`\btutorflow_[a-z0-9_]+`)
	selector   = regexp.MustCompile(`\b(tutorflow_[a-z0-9_]+)\{([^}]*)\}`)
	labelValue = regexp.MustCompile(`\$labels\.([a-z_]+)`)
	byLabels   = regexp.MustCompile(`\bby \(([a-z, ]+)\)`)
)

// eachRule runs f on every rule and names the rule in what it reports.
func eachRule(f func(g rulefile.Group, r rulefile.Rule) []string) check {
	return func(groups []rulefile.Group) []string {
		var found []string
		for _, g := range groups {
			for _, r := range g.Rules {
				for _, problem := range f(g, r) {
					found = append(found, r.Record+r.Alert+": "+problem)
				}
			}
		}
		return found
	}
}

func recordNames(_ rulefile.Group, r rulefile.Rule) []string {
	if r.Record != "" && !recordName.MatchString(r.Record) {
		return []string{"name is not level:metric:operation"}
	}
	return nil
}

// recordLevels wants the level in the name of a record to be the labels that its
// expression keeps.
func recordLevels(_ rulefile.Group, r rulefile.Rule) []string {
	level, _, _ := strings.Cut(r.Record, ":")
	var found []string
	for _, m := range byLabels.FindAllStringSubmatch(r.Expr, -1) {
		kept := slices.DeleteFunc(strings.Split(m[1], ", "), func(l string) bool { return l == "le" })
		if r.Record != "" && strings.Join(kept, "_") != level {
			found = append(found, fmt.Sprintf("keeps %v, its name says %s", kept, level))
		}
	}
	return found
}

// ownSeries wants a group to read only series that it recorded itself, and
// earlier: there is no order between groups.
func ownSeries(g rulefile.Group, r rulefile.Rule) []string {
	earlier := map[string]bool{}
	for _, other := range g.Rules {
		if other.Record == r.Record && other.Alert == r.Alert {
			break
		}
		earlier[other.Record] = true
	}
	var found []string
	for _, name := range recorded.FindAllString(r.Expr, -1) {
		if !earlier[name] {
			found = append(found, "reads "+name+", which the group has not recorded by then")
		}
	}
	return found
}

// known wants every metric, label and closed label value to be in the catalogue.
func known(_ rulefile.Group, r rulefile.Rule) []string {
	var found []string
	raw := recorded.ReplaceAllString(r.Expr, "")
	for _, name := range rawMetric.FindAllString(raw, -1) {
		if _, ok := definition(name); !ok {
			found = append(found, "no metric is called "+name)
		}
	}
	for _, m := range selector.FindAllStringSubmatch(raw, -1) {
		def, _ := definition(m[1])
		for _, matcher := range strings.Split(m[2], ",") {
			label := matcher[:strings.IndexAny(matcher, "=!")]
			isLabel := slices.ContainsFunc(def.Labels, func(l catalog.Label) bool { return l.Name == label })
			if !isLabel && label != "le" {
				found = append(found, m[1]+" has no label "+label)
			}
		}
	}
	return found
}

func definition(series string) (catalog.Definition, bool) {
	if def, ok := catalog.Lookup(series); ok {
		return def, ok
	}
	for _, suffix := range []string{"_bucket", "_count", "_sum"} {
		if base, ok := strings.CutSuffix(series, suffix); ok {
			if def, ok := catalog.Lookup(base); ok && def.Kind == catalog.KindHistogram {
				return def, true
			}
		}
	}
	return catalog.Definition{}, false
}

func traps(_ rulefile.Group, r rulefile.Rule) []string {
	var found []string
	if strings.Contains(r.Expr, "vector(0)") {
		found = append(found, "vector(0) calls a dead service healthy")
	}
	if strings.Contains(r.Expr, "histogram_quantile(") && !strings.Contains(r.Expr, ", le)") {
		found = append(found, "quantile without a sum by (…, le)")
	}
	if strings.Contains(r.Expr, "job=") {
		found = append(found, "names a job; the rules are for any job")
	}
	if strings.Contains(r.Expr, `le="`) {
		found = append(found, "compares le with =; Prometheus 3 writes 1.0 for 1")
	}
	return found
}

func complete(_ rulefile.Group, r rulefile.Rule) []string {
	if r.Alert == "" {
		return nil
	}
	if r.Labels == nil || r.Annotations == nil {
		return []string{"no labels or no annotations"}
	}
	var found []string
	want := func(ok bool, problem string) {
		if !ok {
			found = append(found, problem)
		}
	}
	a := r.Annotations
	want(slices.Contains([]string{"critical", "warning"}, r.Labels.Severity), "severity is neither critical nor warning")
	want(r.Labels.Component != "", "no component")
	want(!strings.Contains(r.Labels.Severity+r.Labels.Component, "$"), "a label is a template and would change while the alert fires")
	want(r.For > 0, "no for")
	want(strings.ContainsAny(r.Expr, "<>"), "no comparison")
	want(strings.HasSuffix(a.Summary, ".") && !strings.Contains(a.Summary, "\n"), "summary is not one sentence")
	want(strings.HasSuffix(a.Description, ".") && len(a.Description) > len(a.Summary), "description says no more than the summary")
	want(strings.HasSuffix(a.RunbookURL, "/"+r.Alert+".md"), "runbook_url is not that of the alert")
	want(strings.Contains(a.DashboardURL, "/d/tutorflow-"), "dashboard_url is no dashboard of ours")
	for _, text := range []string{a.Summary, a.Description} {
		want(!strings.Contains(text, "$value }}"), "a value is printed without humanize")
	}
	return found
}

// templates wants the texts to use only labels that the signal has, which its
// name lists.
func templates(_ rulefile.Group, r rulefile.Rule) []string {
	if r.Alert == "" || r.Annotations == nil {
		return nil
	}
	level, _, _ := strings.Cut(r.Expr, ":")
	has := strings.Split(level, "_")
	var found []string
	for _, m := range labelValue.FindAllStringSubmatch(r.Annotations.Summary+r.Annotations.Description+r.Annotations.DashboardURL, -1) {
		if !slices.Contains(has, m[1]) {
			found = append(found, "prints the label "+m[1]+", which the expression does not keep")
		}
	}
	return found
}

func uniqueNames(groups []rulefile.Group) []string {
	var found []string
	seen := map[string]bool{}
	for _, g := range groups {
		for _, r := range g.Rules {
			if name := r.Record + r.Alert; seen[name] {
				found = append(found, name+": defined twice")
			} else {
				seen[name] = true
			}
		}
	}
	return found
}
