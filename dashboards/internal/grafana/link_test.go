package grafana_test

import (
	"testing"

	"github.com/tutorflow/observability/dashboards/internal/grafana"
)

func TestDetailOpensAPanelThatComesLater(t *testing.T) {
	detail := grafana.Timeseries("detail", "", "short")
	number := grafana.Stat("number", "", "short").Detail(detail)
	d := grafana.Dashboard{UID: "x"}
	d.Layout(grafana.Row{Panels: []*grafana.Panel{number}}, grafana.Row{Panels: []*grafana.Panel{detail}})

	if len(number.Links) != 1 || len(detail.Links) != 0 {
		t.Fatalf("%d and %d links, want 1 and 0", len(number.Links), len(detail.Links))
	}
	want := "/d/x?${__url_time_range}&${__all_variables}&viewPanel=4"
	if got := number.Links[0]; got.URL != want || got.Title != "detail" || detail.ID != 4 {
		t.Errorf("link is %+v to panel %d, want %s", got, detail.ID, want)
	}
}
