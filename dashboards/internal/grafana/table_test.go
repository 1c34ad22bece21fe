package grafana_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/dashboards/internal/grafana"
)

func TestTableHasAColumnForEachLabelAndQuery(t *testing.T) {
	p := grafana.Table("t", "", []string{"method", "route"},
		grafana.Column{Title: "Requests", Unit: "reqps", Expr: "a"},
		grafana.Column{Title: "5xx", Unit: "percentunit", Expr: "b", Limit: 0.05}).
		LinkColumn("route", "Only this", "/d/x?var-route=${__data.fields.route}")
	for i, q := range p.Targets {
		if q.Range || !q.Instant || q.Format != "table" || q.RefID != string(rune('A'+i)) {
			t.Errorf("query %d is %+v, want an instant one for a table", i, q)
		}
	}
	want := grafana.Organize{
		ExcludeByName: map[string]bool{"Time": true},
		IndexByName:   map[string]int{"method": 0, "route": 1, "Value #A": 2, "Value #B": 3},
		RenameByName:  map[string]string{"Value #A": "Requests", "Value #B": "5xx"},
	}
	if diff := cmp.Diff(want, p.Transformations[1].Options); diff != "" {
		t.Errorf("columns differ (-want +got):\n%s", diff)
	}
	overrides, err := json.Marshal(p.FieldConfig.Overrides)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		`{"matcher":{"id":"byName","options":"Requests"},"properties":[{"id":"unit","value":"reqps"}]}`,
		`{"color":"red","value":0.05}`,
		`"url":"/d/x?var-route=${__data.fields.route}"`,
	} {
		if !strings.Contains(string(overrides), part) {
			t.Errorf("overrides are %s, want %s in them", overrides, part)
		}
	}
}
