package emptyhistogram

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// Producer makes the points of a Meter's empty histogram series.
//
// A reader asks it after it has collected the instruments, so a series that
// gets its first value in between is in neither, once. The other order would
// have it in both, which spoils the series.
type Producer struct {
	meter *catalog.Meter
	scope instrumentation.Scope
	start time.Time
}

var _ metric.Producer = (*Producer)(nil)

// New makes the producer for meter, under the given scope.
func New(meter *catalog.Meter, scope string) *Producer {
	return &Producer{meter: meter, scope: instrumentation.Scope{Name: scope}, start: time.Now()}
}

// Produce returns one metric for each histogram with empty series.
func (p *Producer) Produce(context.Context) ([]metricdata.ScopeMetrics, error) {
	now := time.Now()
	var metrics []metricdata.Metrics
	index := make(map[string]int)
	p.meter.EmptyHistograms(func(d catalog.Definition, attributes attribute.Set) {
		at, known := index[d.Name]
		if !known {
			at = len(metrics)
			index[d.Name] = at
			metrics = append(metrics, metricdata.Metrics{Name: d.Name, Description: d.Description, Unit: d.Unit,
				Data: metricdata.Histogram[float64]{Temporality: metricdata.CumulativeTemporality}})
		}
		histogram := metrics[at].Data.(metricdata.Histogram[float64])
		histogram.DataPoints = append(histogram.DataPoints, metricdata.HistogramDataPoint[float64]{
			Attributes: attributes, StartTime: p.start, Time: now,
			Bounds: d.Buckets, BucketCounts: make([]uint64, len(d.Buckets)+1),
		})
		metrics[at].Data = histogram
	})
	if len(metrics) == 0 {
		return nil, nil
	}
	return []metricdata.ScopeMetrics{{Scope: p.scope, Metrics: metrics}}, nil
}
