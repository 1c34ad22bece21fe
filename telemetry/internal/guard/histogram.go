package guard

import (
	"context"

	"go.opentelemetry.io/otel/metric"
)

type int64Histogram struct {
	metric.Int64Histogram
	numbers
}

func (h *int64Histogram) Record(ctx context.Context, n int64, options ...metric.RecordOption) {
	if h.valid(n >= 0 && h.Int(n)) {
		h.Int64Histogram.Record(ctx, n, options...)
	}
}

func (m *meter) Int64Histogram(name string, options ...metric.Int64HistogramOption) (metric.Int64Histogram, error) {
	i, err := m.Meter.Int64Histogram(name, options...)
	return &int64Histogram{i, m.provider.numbers(i)}, err
}

type float64Histogram struct {
	metric.Float64Histogram
	numbers
}

func (h *float64Histogram) Record(ctx context.Context, v float64, options ...metric.RecordOption) {
	if h.valid(v >= 0 && h.Float(v)) {
		h.Float64Histogram.Record(ctx, v, options...)
	}
}

func (m *meter) Float64Histogram(name string, options ...metric.Float64HistogramOption) (metric.Float64Histogram, error) {
	i, err := m.Meter.Float64Histogram(name, options...)
	return &float64Histogram{i, m.provider.numbers(i)}, err
}
