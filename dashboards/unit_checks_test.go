package dashboards_test

import (
	"regexp"
	"slices"
	"strings"

	"github.com/tutorflow/observability/alerting/alerts"
)

// units wants the unit to follow from the query, in a table for each column. The
// series that alerts compare have the units that the alerts say.
func units(b *board) []string {
	var found []string
	for _, p := range b.queried() {
		if len(p.Targets) == 0 {
			continue
		}
		queries := p.Targets[:1]
		if p.Type == "table" {
			queries = p.Targets
		}
		for _, q := range queries {
			unit := p.FieldConfig.Defaults.Unit
			if p.Type == "table" {
				unit, _ = columnUnit(p, q.RefID)
			}
			want := unitsOf(q.Expr)
			if p.Type == "heatmap" {
				want = []string{"s"} // of the bounds
			}
			if !slices.Contains(want, unit) {
				found = append(found, p.Title+" "+q.RefID+": unit "+unit+", the query gives "+strings.Join(want, " or "))
			}
		}
	}
	return found
}

var (
	barePattern  = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)\{[^}]*\}$`)
	ratioPattern = regexp.MustCompile(`:(ratio\w*|utilization)\{`)
)

// unitsOf returns the units that the values of expr can have.
func unitsOf(expr string) []string {
	if m := barePattern.FindStringSubmatch(expr); m != nil {
		for _, a := range alerts.All(alerts.Defaults()) {
			for _, c := range a.Conditions {
				if c.Series == m[1] {
					return []string{c.Unit}
				}
			}
		}
	}
	has := func(text string) bool { return strings.Contains(expr, text) }
	switch {
	case strings.HasPrefix(expr, "time() - "), has("histogram_quantile("):
		return []string{"s"}
	case has("changes("), strings.HasPrefix(expr, "count by"), has("== bool "):
		return []string{"short", "none"}
	case has("_wait_seconds_total{") && has(" / "):
		return []string{"s"}
	case has(" / "), ratioPattern.MatchString(expr):
		return []string{"percentunit"}
	case has("rate(process_cpu_seconds_total{"):
		return []string{"none", "short"} // cores
	case strings.HasPrefix(expr, "60 * "):
		return []string{"cpm"}
	case has("rate(") && has("_bytes_total{"):
		return []string{"Bps"}
	case has("rate("):
		return []string{"reqps", "cps"}
	case has("_bytes{"):
		return []string{"bytes"}
	case has("_seconds{"):
		return []string{"s"}
	default:
		return []string{"short", "none"}
	}
}
