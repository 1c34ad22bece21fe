package catalog

import (
	"context"
	"math"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// Gauge is a value that goes up and down. A nil *Gauge, as a refused definition
// leaves it, keeps nothing.
type Gauge struct {
	bits    atomic.Uint64
	invalid *cell
}

// NewGauge makes the gauge called name; it starts at 0.
func NewGauge(m *Meter, name, description string) (*Gauge, error) {
	d := Definition{Name: name, Kind: KindGauge, Unit: unitOf(name), Description: description}
	if err := m.custom(d); err != nil {
		return nil, err
	}
	g := &Gauge{invalid: m.invalid}
	if err := m.gauge(d, func(observe func(float64, ...metric.ObserveOption)) { observe(g.value()) }); err != nil {
		return nil, err
	}
	return g, nil
}

// Set makes v the value. NaN and the infinities are dropped and counted as
// such, since one of them makes every sum over the gauge useless.
func (g *Gauge) Set(_ context.Context, v float64) {
	if g == nil {
		return
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		g.invalid.value.Add(1)
		return
	}
	g.bits.Store(math.Float64bits(v))
}

func (g *Gauge) value() float64 { return math.Float64frombits(g.bits.Load()) }

// GaugeBy is a gauge for each value of one label. A nil *GaugeBy keeps nothing.
type GaugeBy[A ~int] struct {
	gauges   []*Gauge
	overflow *overflow
}

// NewGaugeBy makes the gauge called name with one series for each value of
// label; all start at 0.
func NewGaugeBy[A ~int](m *Meter, name, description string, label EnumLabel[A]) (*GaugeBy[A], error) {
	d := Definition{name, KindGauge, unitOf(name), description, []Label{label.label()}, nil}
	if err := m.custom(d); err != nil {
		return nil, err
	}
	g := &GaugeBy[A]{}
	var options [][]metric.ObserveOption
	for _, v := range label.values {
		g.gauges = append(g.gauges, &Gauge{invalid: m.invalid})
		options = append(options, observeOptions([]attribute.KeyValue{attribute.String(label.name, v)}))
	}
	err := m.gauge(d, func(observe func(float64, ...metric.ObserveOption)) {
		for i, one := range g.gauges {
			observe(one.value(), options[i]...)
		}
	})
	if err != nil {
		return nil, err
	}
	g.overflow = m.undeclared(name)
	return g, nil
}

// Set makes v the value of the series a. NaN and the infinities are dropped and
// counted as such.
func (g *GaugeBy[A]) Set(ctx context.Context, v float64, a A) {
	if g == nil {
		return
	}
	if uint(a) >= uint(len(g.gauges)) {
		g.overflow.count()
		return
	}
	g.gauges[a].Set(ctx, v)
}

func (m *Meter) gauge(d Definition, collect func(observe func(float64, ...metric.ObserveOption))) error {
	_, err := m.otel.Float64ObservableGauge(d.Name, metric.WithUnit(d.Unit), metric.WithDescription(d.Description),
		metric.WithFloat64Callback(func(_ context.Context, o metric.Float64Observer) error {
			collect(o.Observe)
			return nil
		}))
	return m.made(d, err)
}
