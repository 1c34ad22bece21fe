package grafana_test

import (
	"testing"

	"github.com/tutorflow/observability/dashboards/internal/grafana"
)

func TestBarGaugeAsksForTheValuesNow(t *testing.T) {
	p := grafana.BarGauge("Largest", "", "short", grafana.Query("topk(3, a)", "{{b}}"), grafana.Query("c", "c"))
	for _, q := range p.Targets {
		if q.Range || !q.Instant {
			t.Errorf("query %s asks for a range: %t, for an instant: %t", q.RefID, q.Range, q.Instant)
		}
	}
	if p.Type != "bargauge" || p.Targets[1].RefID != "B" {
		t.Errorf("got a panel %s with the query %s", p.Type, p.Targets[1].RefID)
	}
}
