package e2e_test

import (
	"encoding/json"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/tutorflow/observability/dashboards"
)

// panelQuery is one expression of a dashboard, where it stands, and what the panel
// reads while it is empty.
type panelQuery struct{ dashboard, panel, expr, legend, noValue string }

func (q panelQuery) String() string { return q.dashboard + " / " + q.panel }

// dashboardQueries returns every expression of every dashboard: panels,
// annotations, and the selectors of variables.
func dashboardQueries(t *testing.T) (queries []panelQuery) {
	t.Helper()
	type panel struct {
		Title       string
		Targets     []struct{ Expr, LegendFormat string }
		FieldConfig struct{ Defaults struct{ NoValue string } }
		Panels      []panel
	}
	for _, d := range dashboards.List() {
		data, err := fs.ReadFile(dashboards.FS(), d.File)
		if err != nil {
			t.Fatal(err)
		}
		var board struct {
			Panels      []panel
			Annotations struct {
				List []struct{ Name, Expr string }
			}
			Templating struct {
				List []struct {
					Name, Type string
					Query      any
				}
			}
		}
		if err := json.Unmarshal(data, &board); err != nil {
			t.Fatalf("%s: %v", d.File, err)
		}
		var walk func([]panel)
		walk = func(panels []panel) {
			for _, p := range panels {
				for _, target := range p.Targets {
					queries = append(queries, panelQuery{d.UID, p.Title, target.Expr, target.LegendFormat, p.FieldConfig.Defaults.NoValue})
				}
				walk(p.Panels)
			}
		}
		walk(board.Panels)
		for _, a := range board.Annotations.List {
			if a.Expr != "" {
				queries = append(queries, panelQuery{dashboard: d.UID, panel: "annotation " + a.Name, expr: a.Expr})
			}
		}
		for _, v := range board.Templating.List {
			if query, ok := v.Query.(map[string]any); ok && v.Type == "query" {
				selector := labelValues.FindStringSubmatch(query["query"].(string))
				if selector == nil {
					t.Fatalf("%s: variable %s: %q is no label_values query", d.UID, v.Name, query["query"])
				}
				queries = append(queries, panelQuery{dashboard: d.UID, panel: "variable " + v.Name, expr: "count by (" + selector[2] + ") (" + selector[1] + ")"})
			}
		}
	}
	return queries
}

var labelValues = regexp.MustCompile(`^label_values\((.+), *([a-z_]+)\)$`)

// interpolate puts in what Grafana would: everything selected, a scrape
// interval of 15 s.
func interpolate(expr string) string {
	return strings.NewReplacer("$__rate_interval", "1m", "$__range", "1h", "$job", ".+", "$instance", ".+", "$endpoint", ".+", "$service", ".+").Replace(expr)
}
