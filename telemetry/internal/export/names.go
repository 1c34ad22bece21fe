package export

import (
	"sync"

	"github.com/prometheus/otlptranslator"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// names translates metrics to their names on a scrape, once each: as many as
// the program has instruments. It is safe for concurrent use.
type names struct {
	mu    sync.Mutex
	known map[otlptranslator.Metric]string
}

// of returns what the Prometheus exporter calls m with its default strategy.
func (n *names) of(m metricdata.Metrics) string {
	key := otlptranslator.Metric{Name: m.Name, Unit: m.Unit, Type: metricType(m.Data)}
	n.mu.Lock()
	defer n.mu.Unlock()
	if name, ok := n.known[key]; ok {
		return name
	}
	namer := otlptranslator.NewMetricNamer("", otlptranslator.UnderscoreEscapingWithSuffixes)
	name, err := namer.Build(key)
	if err != nil { // no scrape has it
		name = m.Name
	}
	if n.known == nil {
		n.known = make(map[otlptranslator.Metric]string)
	}
	n.known[key] = name
	return name
}

// metricType is the type that the name ends after.
func metricType(data metricdata.Aggregation) otlptranslator.MetricType {
	switch d := data.(type) {
	case metricdata.Histogram[int64], metricdata.Histogram[float64],
		metricdata.ExponentialHistogram[int64], metricdata.ExponentialHistogram[float64]:
		return otlptranslator.MetricTypeHistogram
	case metricdata.Sum[int64]:
		return sumType(d.IsMonotonic)
	case metricdata.Sum[float64]:
		return sumType(d.IsMonotonic)
	case metricdata.Gauge[int64], metricdata.Gauge[float64]:
		return otlptranslator.MetricTypeGauge
	case metricdata.Summary:
		return otlptranslator.MetricTypeSummary
	}
	return otlptranslator.MetricTypeUnknown
}

func sumType(monotonic bool) otlptranslator.MetricType {
	if monotonic {
		return otlptranslator.MetricTypeMonotonicCounter
	}
	return otlptranslator.MetricTypeNonMonotonicCounter
}
