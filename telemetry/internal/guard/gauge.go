package guard

import (
	"context"
	"math"

	"go.opentelemetry.io/otel/metric"

	"github.com/tutorflow/observability/telemetry/internal/sums"
)

// float64Gauge keeps out what makes every sum over gauges useless. The integers
// of an Int64Gauge are all right.
type float64Gauge struct {
	metric.Float64Gauge
	numbers
}

func (g *float64Gauge) Record(ctx context.Context, v float64, options ...metric.RecordOption) {
	if g.valid(finite(v)) {
		g.Float64Gauge.Record(ctx, v, options...)
	}
}

func (m *meter) Float64Gauge(name string, options ...metric.Float64GaugeOption) (metric.Float64Gauge, error) {
	i, err := m.Meter.Float64Gauge(name, options...)
	return &float64Gauge{i, numbers{invalid: m.provider.invalid}}, err
}

func finite(v float64) bool { return math.Abs(v) <= sums.Max }
