package dashboards_test

import (
	"testing"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// A metric that no panel shows is one that nobody looks at.
func TestEveryMetricIsOnAPanel(t *testing.T) {
	for _, name := range unshown(load(t)) {
		t.Errorf("no panel shows %s", name)
	}
	boards := load(t)
	for _, b := range boards {
		replace(catalog.Reviews, "tutorflow_bookings_total")(b)
	}
	if found := unshown(boards); len(found) != 1 || found[0] != catalog.Reviews {
		t.Errorf("planted a dashboard without %s, found %v", catalog.Reviews, found)
	}
}

// unshown returns the metrics of the catalogue that no query of a panel selects
// by their name.
func unshown(boards []*board) []string {
	shown := map[string]bool{}
	for _, b := range boards {
		for _, p := range b.queried() {
			for _, q := range p.Targets {
				for _, m := range selectorPattern.FindAllStringSubmatch(q.Expr, -1) {
					def, _ := definition(m[1])
					shown[def.Name] = true
				}
			}
		}
	}
	var found []string
	for _, d := range catalog.All() {
		if !shown[d.Name] {
			found = append(found, d.Name)
		}
	}
	return found
}
