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

// elsewhere are the metrics of the Go client, of Prometheus and of its scrapes.
var elsewhere = regexp.MustCompile(`^(up|ALERTS|(go|process|promhttp|scrape|prometheus_rule)_\w+)$`)

// inCatalog wants every metric, label and closed label value to exist, and
// counters to be read through a rate, which gauges never are.
func inCatalog(expr string) []string {
	var found []string
	for _, m := range selectorPattern.FindAllStringSubmatch(expr, -1) {
		name := m[1]
		if strings.Contains(name, ":") {
			if rated(expr, m[0]) {
				found = append(found, name+" is recorded and no counter any more")
			}
			continue
		}
		def, ok := definition(name)
		cumulative := def.Kind == catalog.KindCounter || def.Kind == catalog.KindHistogram
		if elsewhere.MatchString(name) {
			ok, cumulative = true, regexp.MustCompile(`_(total|count|sum|bucket)$`).MatchString(name)
		}
		if !ok {
			found = append(found, "no metric is called "+name)
			continue
		}
		if rated(expr, m[0]) != cumulative {
			found = append(found, name+": only counters and histograms are rated, and always")
		}
		if def.Name == "" {
			continue
		}
		for _, text := range strings.Split(m[2], ",") {
			found = append(found, labelProblems(def, text)...)
		}
	}
	return found
}

// rated reports whether each use of the selector in expr is below a function for
// counters.
func rated(expr, selector string) bool {
	uses := strings.Count(expr, selector)
	return strings.Count(expr, "rate("+selector)+strings.Count(expr, "increase("+selector) == uses
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
