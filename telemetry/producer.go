package telemetry

import (
	"context"
	"sync/atomic"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// lateProducer is a producer that readers are made with before there is
// anything to produce.
type lateProducer struct {
	producer atomic.Pointer[sdkmetric.Producer]
}

func (l *lateProducer) set(p sdkmetric.Producer) { l.producer.Store(&p) }

func (l *lateProducer) Produce(ctx context.Context) ([]metricdata.ScopeMetrics, error) {
	if p := l.producer.Load(); p != nil {
		return (*p).Produce(ctx)
	}
	return nil, nil
}
