package dashboards_test

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tutorflow/observability/alerting"
	"github.com/tutorflow/observability/telemetry/catalog"
)

var matcherPattern = regexp.MustCompile(`^([a-z_]+)(=~|!~|!=|=)"([^"]*)"$`)

// inCatalog wants every metric, label and closed label value to exist, and
// counters to be read through a rate.
func inCatalog(expr string) []string {
	var found []string
	for _, m := range selectorPattern.FindAllStringSubmatch(expr, -1) {
		name := m[1]
		if slices.Contains([]string{"ALERTS", "process_start_time_seconds"}, name) || strings.Contains(name, ":") {
			continue
		}
		def, ok := definition(name)
		if !ok {
			found = append(found, "no metric is called "+name)
			continue
		}
		cumulative := def.Kind == catalog.KindCounter || def.Kind == catalog.KindHistogram
		if rated := strings.Contains(expr, "rate("+m[0]) || strings.Contains(expr, "increase("+m[0]); rated != cumulative {
			found = append(found, name+" is a "+string(def.Kind)+"; only counters and histograms are rated, and always")
		}
		for _, text := range strings.Split(m[2], ",") {
			found = append(found, labelProblems(def, text)...)
		}
	}
	return found
}

func labelProblems(def catalog.Definition, text string) []string {
	m := matcherPattern.FindStringSubmatch(text)
	if m == nil {
		return []string{"cannot read the matcher " + text}
	}
	name, value := m[1], m[3]
	if slices.Contains([]string{"job", "instance", "le"}, name) {
		return nil
	}
	i := slices.IndexFunc(def.Labels, func(l catalog.Label) bool { return l.Name == name })
	if i < 0 {
		return []string{def.Name + " has no label " + name}
	}
	var found []string
	for _, v := range strings.Split(value, "|") {
		if closed := def.Labels[i].Values; len(closed) > 0 && !slices.Contains(closed, v) {
			found = append(found, def.Name+" never has "+name+" "+v)
		}
	}
	return found
}

func definition(series string) (catalog.Definition, bool) {
	if base, ok := strings.CutSuffix(series, "_bucket"); ok {
		def, ok := catalog.Lookup(base)
		return def, ok && def.Kind == catalog.KindHistogram
	}
	return catalog.Lookup(series)
}

// recordedByRules wants every recorded series to be in the rule file.
func recordedByRules(rules string) func(expr string) []string {
	return func(expr string) []string {
		var found []string
		for _, m := range selectorPattern.FindAllStringSubmatch(expr, -1) {
			if strings.Contains(m[1], ":") && !strings.Contains(rules, "record: "+m[1]+"\n") {
				found = append(found, "no rule records "+m[1])
			}
		}
		return found
	}
}

func ruleFile(t *testing.T) string {
	t.Helper()
	data, err := fs.ReadFile(alerting.FS(), "rules/tutorflow.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// coloredStatuses wants the fixed colours of a status to name every closed value
// of it: a value without one would get a colour that means something else.
func coloredStatuses(b *board) []string {
	var found []string
	for _, p := range b.data() {
		if len(p.Targets) != 1 || p.Targets[0].LegendFormat != "{{status}}" {
			continue
		}
		def, _ := definition(selectorPattern.FindStringSubmatch(p.Targets[0].Expr)[1])
		var colored []string
		for _, o := range p.FieldConfig.Overrides {
			if o.Matcher.ID == "byName" {
				colored = append(colored, o.Matcher.Options)
			}
		}
		for _, l := range def.Labels {
			if l.Name != "status" {
				continue
			}
			for _, v := range l.Values {
				if !slices.Contains(colored, v) {
					found = append(found, p.Title+": no colour for "+v)
				}
			}
			for _, v := range colored {
				if !slices.Contains(l.Values, v) {
					found = append(found, p.Title+": a colour for "+v+", which does not exist")
				}
			}
		}
	}
	return found
}
