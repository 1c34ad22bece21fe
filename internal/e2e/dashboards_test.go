package e2e_test

import (
	"encoding/json"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/tutorflow/observability/dashboards"
)

// panelQuery is one expression of a dashboard and where it stands.
type panelQuery struct{ dashboard, panel, expr string }

func (q panelQuery) String() string { return q.dashboard + " / " + q.panel }

// dashboardQueries returns every expression of every dashboard: panels,
// annotations, and the selectors of variables.
func dashboardQueries(t *testing.T) (queries []panelQuery) {
	t.Helper()
	type panel struct {
		Title   string
		Targets []struct{ Expr string }
		Panels  []panel
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
					queries = append(queries, panelQuery{d.UID, p.Title, target.Expr})
				}
				walk(p.Panels)
			}
		}
		walk(board.Panels)
		for _, a := range board.Annotations.List {
			if a.Expr != "" {
				queries = append(queries, panelQuery{d.UID, "annotation " + a.Name, a.Expr})
			}
		}
		for _, v := range board.Templating.List {
			if query, ok := v.Query.(map[string]any); ok && v.Type == "query" {
				selector := labelValues.FindStringSubmatch(query["query"].(string))
				if selector == nil {
					t.Fatalf("%s: variable %s: %q is no label_values query", d.UID, v.Name, query["query"])
				}
				queries = append(queries, panelQuery{d.UID, "variable " + v.Name, "count by (" + selector[2] + ") (" + selector[1] + ")"})
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

// emptyWhenHealthy are the panels that have nothing to show on a service
// without a firing alert, with the reason.
func emptyWhenHealthy(q panelQuery) bool {
	return q.panel == "annotation Firing alerts"
}
