package guard

import (
	"context"
	"fmt"
	"strings"

	"go.opentelemetry.io/otel/metric"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// source is what a callback of the metrics is to the pipeline.
func (m *meter) source(metrics ...string) *catalog.Source {
	return m.provider.meter.Source(m.provider.label(m.scope), fmt.Sprintf("metric %.256s of scope %s", strings.Join(metrics, ", "), m.scope))
}

func (m *meter) int64Callback(of observable, f metric.Int64Callback) metric.Int64Callback {
	source := m.source(of.name)
	return func(ctx context.Context, to metric.Int64Observer) error {
		m.read(ctx, source, 1, func(ctx context.Context, b *buffer) error {
			return f(ctx, int64Observer{buffer: b, of: of, to: to})
		})
		return nil
	}
}

func (m *meter) float64Callback(of observable, f metric.Float64Callback) metric.Float64Callback {
	source := m.source(of.name)
	return func(ctx context.Context, to metric.Float64Observer) error {
		m.read(ctx, source, 1, func(ctx context.Context, b *buffer) error {
			return f(ctx, float64Observer{buffer: b, of: of, to: to})
		})
		return nil
	}
}

// RegisterCallback registers f until Unregister is called, which may be done
// twice. A collection that is going on is waited for, which is as long as its
// callbacks may take.
func (m *meter) RegisterCallback(f metric.Callback, instruments ...metric.Observable) (metric.Registration, error) {
	if len(instruments) == 0 { // f will not be called
		return m.Meter.RegisterCallback(f)
	}
	var names []string
	for _, i := range instruments {
		names = append(names, m.provider.observable(i).name)
	}
	source := m.source(names...)
	return m.Meter.RegisterCallback(func(ctx context.Context, to metric.Observer) error {
		m.read(ctx, source, len(instruments), func(ctx context.Context, b *buffer) error {
			return f(ctx, observer{buffer: b, to: to})
		})
		return nil
	}, instruments...)
}

// read has f observe into a buffer for a number of instruments.
func (m *meter) read(ctx context.Context, source *catalog.Source, instruments int, f func(context.Context, *buffer) error) {
	_ = source.Read(ctx, func(ctx context.Context) (func(), error) {
		b := &buffer{provider: m.provider, room: instruments * (catalog.MaxSeries + 1)}
		err := f(ctx, b)
		return b.observe, err
	})
}
