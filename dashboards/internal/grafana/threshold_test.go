package grafana_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/dashboards/internal/grafana"
)

func TestThresholdsAreOrdered(t *testing.T) {
	steps := func(p *grafana.Panel) map[string]float64 {
		found := map[string]float64{}
		for _, s := range p.FieldConfig.Defaults.Thresholds.Steps[1:] {
			found[s.Color] = *s.Value
		}
		return found
	}
	limits := grafana.Timeseries("", "", "none").Limits(1, 6, 14.4)
	floors := grafana.Stat("", "", "none").Floors(0, 0.25)
	if diff := cmp.Diff(map[string]float64{"orange": 1, "red": 6, "dark-red": 14.4}, steps(limits)); diff != "" {
		t.Errorf("limits differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]float64{"orange": 0, "green": 0.25}, steps(floors)); diff != "" {
		t.Errorf("floors differ (-want +got):\n%s", diff)
	}
	if base := floors.FieldConfig.Defaults.Thresholds.Steps[0].Color; base != "red" {
		t.Errorf("below every floor is %s, want red", base)
	}
}
