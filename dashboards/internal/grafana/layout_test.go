package grafana_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/dashboards/internal/grafana"
)

func TestLayoutFillsLinesFromTheLeft(t *testing.T) {
	panel := func(title string, width int) *grafana.Panel {
		return grafana.Timeseries(title, "", "short").Width(width)
	}
	var d grafana.Dashboard
	d.Layout(
		grafana.Row{Title: "first", Panels: []*grafana.Panel{panel("a", 12), panel("b", 12), panel("c", 8)}},
		grafana.Row{Title: "empty"},
		grafana.Row{Title: "last", Panels: []*grafana.Panel{grafana.Stat("d", "", "short"), panel("e", 8)}},
	)
	type place struct {
		ID    int
		Title string
		Pos   grafana.GridPos
	}
	want := []place{
		{1, "first", grafana.GridPos{H: 1, W: 24}},
		{2, "a", grafana.GridPos{H: 8, W: 12, Y: 1}},
		{3, "b", grafana.GridPos{H: 8, W: 12, X: 12, Y: 1}},
		{4, "c", grafana.GridPos{H: 8, W: 8, Y: 9}},
		{5, "empty", grafana.GridPos{H: 1, W: 24, Y: 17}},
		{6, "last", grafana.GridPos{H: 1, W: 24, Y: 18}},
		{7, "d", grafana.GridPos{H: 4, W: 6, Y: 19}},
		{8, "e", grafana.GridPos{H: 8, W: 8, X: 6, Y: 19}},
	}
	var got []place
	for _, p := range d.Panels {
		got = append(got, place{p.ID, p.Title, p.GridPos})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("layout differs (-want +got):\n%s", diff)
	}
}

func TestMarshalKeepsComparisonsReadable(t *testing.T) {
	d := grafana.Dashboard{UID: "x"}
	d.Layout(grafana.Row{Panels: []*grafana.Panel{grafana.Stat("t", "", "short", grafana.Query("a > 0 and b < 1", ""))}})
	data, err := grafana.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), `"expr": "a > 0 and b < 1"`) || !strings.HasSuffix(string(data), "}\n") {
		t.Errorf("got %s", data)
	}
}
