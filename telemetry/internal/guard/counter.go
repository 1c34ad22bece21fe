package guard

import (
	"context"

	"go.opentelemetry.io/otel/metric"
)

type int64Counter struct {
	metric.Int64Counter
	numbers
}

func (c *int64Counter) Add(ctx context.Context, n int64, options ...metric.AddOption) {
	if c.valid(n >= 0 && c.Int(n)) {
		c.Int64Counter.Add(ctx, n, options...)
	}
}

func (m *meter) Int64Counter(name string, options ...metric.Int64CounterOption) (metric.Int64Counter, error) {
	i, err := m.Meter.Int64Counter(name, options...)
	return &int64Counter{i, m.provider.numbers(i)}, err
}

type float64Counter struct {
	metric.Float64Counter
	numbers
}

func (c *float64Counter) Add(ctx context.Context, v float64, options ...metric.AddOption) {
	if c.valid(v >= 0 && c.Float(v)) {
		c.Float64Counter.Add(ctx, v, options...)
	}
}

func (m *meter) Float64Counter(name string, options ...metric.Float64CounterOption) (metric.Float64Counter, error) {
	i, err := m.Meter.Float64Counter(name, options...)
	return &float64Counter{i, m.provider.numbers(i)}, err
}

type int64UpDownCounter struct {
	metric.Int64UpDownCounter
	numbers
}

func (c *int64UpDownCounter) Add(ctx context.Context, n int64, options ...metric.AddOption) {
	if c.valid(c.Int(n)) {
		c.Int64UpDownCounter.Add(ctx, n, options...)
	}
}

func (m *meter) Int64UpDownCounter(name string, options ...metric.Int64UpDownCounterOption) (metric.Int64UpDownCounter, error) {
	i, err := m.Meter.Int64UpDownCounter(name, options...)
	return &int64UpDownCounter{i, m.provider.numbers(i)}, err
}

type float64UpDownCounter struct {
	metric.Float64UpDownCounter
	numbers
}

func (c *float64UpDownCounter) Add(ctx context.Context, v float64, options ...metric.AddOption) {
	if c.valid(c.Float(v)) {
		c.Float64UpDownCounter.Add(ctx, v, options...)
	}
}

func (m *meter) Float64UpDownCounter(name string, options ...metric.Float64UpDownCounterOption) (metric.Float64UpDownCounter, error) {
	i, err := m.Meter.Float64UpDownCounter(name, options...)
	return &float64UpDownCounter{i, m.provider.numbers(i)}, err
}
