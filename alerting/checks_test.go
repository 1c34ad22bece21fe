package alerting_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tutorflow/observability/alerting/alerts"
	"github.com/tutorflow/observability/alerting/internal/rulefile"
	"github.com/tutorflow/observability/telemetry/catalog"
)

// A check looks at the groups and returns what is wrong with them.
type check func(groups []rulefile.Group) []string

var (
	recordName = regexp.MustCompile(`^[a-z_]+:[a-z0-9_]+:[a-z0-9_]+$`)
	recorded   = regexp.MustCompile(`[a-z_]+:[a-z0-9_]+:[a-z0-9_]+`)
	rawMetric  = regexp.MustCompile(`\btutorflow_[a-z0-9_]+`)
	others     = regexp.MustCompile(`\b(?:go|process|promhttp|scrape)_[a-z0-9_]+`)
	selector   = regexp.MustCompile(`([a-z0-9_]*)\{([^}]*)\}`)
	matcher    = regexp.MustCompile(`([a-z_]+)(=~|!~|!=|=)"([^"]*)"`)
	byLabels   = regexp.MustCompile(`\bby \(([a-z, ]+)\)`)
	filter     = regexp.MustCompile(`(?m) and on \(job\) .*$`)
)

// foreign are the metrics that others export: Prometheus about its scrapes, and
// client_golang about the process.
func foreign() []catalog.Definition {
	return []catalog.Definition{
		{Name: "scrape_duration_seconds"},
		{Name: "scrape_samples_post_metric_relabeling"},
		{Name: "promhttp_metric_handler_errors_total", Labels: []catalog.Label{{Name: "cause", Values: []string{"gathering", "encoding"}}}},
		{Name: "go_goroutines"},
		{Name: "process_start_time_seconds"},
		{Name: "process_open_fds"},
		{Name: "process_max_fds"},
	}
}

// eachRule runs f on every rule and names the rule in what it reports.
func eachRule(f func(r rulefile.Rule) []string) check {
	return func(groups []rulefile.Group) []string {
		var found []string
		for _, g := range groups {
			for _, r := range g.Rules {
				for _, problem := range f(r) {
					found = append(found, r.Record+r.Alert+": "+problem)
				}
			}
		}
		return found
	}
}

func recordNames(r rulefile.Rule) []string {
	if r.Record != "" && !recordName.MatchString(r.Record) {
		return []string{"name is not level:metric:operation"}
	}
	return nil
}

// recordLevels wants the level in the name of a record to be the labels that its
// expression keeps, together with the label that the rule adds.
func recordLevels(r rulefile.Rule) []string {
	if r.Record == "" {
		return nil
	}
	level, added := strings.Join(alerts.LevelOf(r.Record), "_"), ""
	if r.Labels != nil && r.Labels.SLO != "" {
		added = "_slo"
	}
	// What a filter reads adds no label.
	expr := filter.ReplaceAllString(r.Expr, "")
	var found []string
	for _, m := range byLabels.FindAllStringSubmatch(expr, -1) {
		kept := slices.DeleteFunc(strings.Split(m[1], ", "), func(l string) bool { return l == "le" })
		if strings.Join(kept, "_")+added != level {
			found = append(found, fmt.Sprintf("keeps %v, its name says %s", kept, level))
		}
	}
	for _, name := range recorded.FindAllString(expr, -1) {
		if strings.Join(alerts.LevelOf(name), "_")+added != level {
			found = append(found, "reads "+name+", its name says "+level)
		}
	}
	return found
}

// ownSeries wants a group to read only series that it recorded itself, and
// earlier: there is no order between groups.
func ownSeries(groups []rulefile.Group) []string {
	var found []string
	for _, g := range groups {
		earlier := map[string]bool{}
		for _, r := range g.Rules {
			for _, name := range recorded.FindAllString(r.Expr, -1) {
				if !earlier[name] {
					found = append(found, r.Record+r.Alert+": reads "+name+", which the group has not recorded by then")
				}
			}
			earlier[r.Record] = true
		}
	}
	return found
}

// known wants every metric, label and closed label value to be in the catalogue.
// A regular expression has to match at least one of the values in each branch.
func known(r rulefile.Rule) []string {
	var found []string
	raw := recorded.ReplaceAllString(r.Expr, "")
	bare := matcher.ReplaceAllString(raw, "")
	for _, name := range append(rawMetric.FindAllString(bare, -1), others.FindAllString(bare, -1)...) {
		if _, ok := definition(name); !ok {
			found = append(found, "no metric is called "+name)
		}
	}
	for _, m := range selector.FindAllStringSubmatch(raw, -1) {
		def, _ := definition(m[1])
		for _, m := range matcher.FindAllStringSubmatch(m[2], -1) {
			found = append(found, matcherProblems(def, m[1], m[3])...)
		}
	}
	return found
}

func matcherProblems(def catalog.Definition, label, value string) []string {
	i := slices.IndexFunc(def.Labels, func(l catalog.Label) bool { return l.Name == label })
	var values []string
	switch {
	case label == "le" || strings.HasPrefix(label, "exported_"):
		return nil
	case label == "__name__" || label == "metric":
		for _, d := range catalog.All() {
			values = append(values, d.Name)
		}
	case i < 0:
		return []string{def.Name + " has no label " + label}
	case label == "status" && len(def.Labels[i].Values) == 0:
		values = []string{"200", "404", "500", "503"}
	default:
		values = def.Labels[i].Values
	}
	var found []string
	for _, branch := range strings.Split(value, "|") {
		re, err := regexp.Compile("^(?:" + branch + ")$")
		if len(values) > 0 && (err != nil || !slices.ContainsFunc(values, re.MatchString)) {
			found = append(found, fmt.Sprintf("no value of the label %s of %s is like %q", label, def.Name, branch))
		}
	}
	return found
}

func definition(series string) (catalog.Definition, bool) {
	if def, ok := catalog.Lookup(series); ok {
		return def, ok
	}
	if i := slices.IndexFunc(foreign(), func(d catalog.Definition) bool { return d.Name == series }); i >= 0 {
		return foreign()[i], true
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

func traps(r rulefile.Rule) []string {
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
	if r.Record != "" && strings.Contains(r.Expr, "/ (") && !strings.Contains(r.Expr, "> 0)") && !strings.Contains(r.Expr, "/ (1 - ") {
		found = append(found, "divides by what may be 0")
	}
	return found
}

// uniqueNames wants no two rules to give the same series: those that share a name
// differ in a label.
func uniqueNames(groups []rulefile.Group) []string {
	var found []string
	seen := map[string]bool{}
	for _, g := range groups {
		for _, r := range g.Rules {
			name := r.Record + r.Alert
			if r.Labels != nil {
				name += fmt.Sprintf("{%s %s %s}", r.Labels.SLO, r.Labels.LongWindow, r.Labels.ShortWindow)
			}
			if seen[name] {
				found = append(found, name+": defined twice")
			}
			seen[name] = true
		}
	}
	return found
}
