package prometheus

import (
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// tellOverflow tells overflowed, at each gathering, of what has the series in
// which the SDK adds up those that are too many. It has one label alone.
func tellOverflow(gatherer prometheus.Gatherer, overflowed func(metric string)) prometheus.Gatherer {
	if overflowed == nil {
		return gatherer
	}
	return prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		families, err := gatherer.Gather()
		for _, f := range families {
			for _, m := range f.GetMetric() {
				if labels := m.GetLabel(); len(labels) == 1 && labels[0].GetName() == "otel_metric_overflow" {
					overflowed(f.GetName())
				}
			}
		}
		return families, err
	})
}
