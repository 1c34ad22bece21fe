package guard

import (
	"go.opentelemetry.io/otel/metric"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// experimental are the options that no configuration of the API has, and that
// the SDK looks for among the options themselves.
func experimental[O any](options []O) (found []O) {
	for _, o := range options {
		if _, ok := any(o).(interface{ Experimental() }); ok {
			found = append(found, o)
		}
	}
	return found
}

func (m *meter) Int64ObservableCounter(name string, options ...metric.Int64ObservableCounterOption) (metric.Int64ObservableCounter, error) {
	c, o := metric.NewInt64ObservableCounterConfig(options...), observable{name, catalog.KindCounter}
	options = append(experimental(options), metric.WithDescription(c.Description()), metric.WithUnit(c.Unit()))
	for _, callback := range c.Callbacks() {
		options = append(options, metric.WithInt64Callback(m.int64Callback(o, callback)))
	}
	i, err := m.Meter.Int64ObservableCounter(name, options...)
	m.provider.made(i, o)
	return i, err
}

func (m *meter) Int64ObservableUpDownCounter(name string, options ...metric.Int64ObservableUpDownCounterOption) (metric.Int64ObservableUpDownCounter, error) {
	c, o := metric.NewInt64ObservableUpDownCounterConfig(options...), observable{name, catalog.KindUpDownCounter}
	options = append(experimental(options), metric.WithDescription(c.Description()), metric.WithUnit(c.Unit()))
	for _, callback := range c.Callbacks() {
		options = append(options, metric.WithInt64Callback(m.int64Callback(o, callback)))
	}
	i, err := m.Meter.Int64ObservableUpDownCounter(name, options...)
	m.provider.made(i, o)
	return i, err
}

func (m *meter) Int64ObservableGauge(name string, options ...metric.Int64ObservableGaugeOption) (metric.Int64ObservableGauge, error) {
	c, o := metric.NewInt64ObservableGaugeConfig(options...), observable{name, catalog.KindGauge}
	options = append(experimental(options), metric.WithDescription(c.Description()), metric.WithUnit(c.Unit()))
	for _, callback := range c.Callbacks() {
		options = append(options, metric.WithInt64Callback(m.int64Callback(o, callback)))
	}
	i, err := m.Meter.Int64ObservableGauge(name, options...)
	m.provider.made(i, o)
	return i, err
}

func (m *meter) Float64ObservableCounter(name string, options ...metric.Float64ObservableCounterOption) (metric.Float64ObservableCounter, error) {
	c, o := metric.NewFloat64ObservableCounterConfig(options...), observable{name, catalog.KindCounter}
	options = append(experimental(options), metric.WithDescription(c.Description()), metric.WithUnit(c.Unit()))
	for _, callback := range c.Callbacks() {
		options = append(options, metric.WithFloat64Callback(m.float64Callback(o, callback)))
	}
	i, err := m.Meter.Float64ObservableCounter(name, options...)
	m.provider.made(i, o)
	return i, err
}

func (m *meter) Float64ObservableUpDownCounter(name string, options ...metric.Float64ObservableUpDownCounterOption) (metric.Float64ObservableUpDownCounter, error) {
	c, o := metric.NewFloat64ObservableUpDownCounterConfig(options...), observable{name, catalog.KindUpDownCounter}
	options = append(experimental(options), metric.WithDescription(c.Description()), metric.WithUnit(c.Unit()))
	for _, callback := range c.Callbacks() {
		options = append(options, metric.WithFloat64Callback(m.float64Callback(o, callback)))
	}
	i, err := m.Meter.Float64ObservableUpDownCounter(name, options...)
	m.provider.made(i, o)
	return i, err
}

func (m *meter) Float64ObservableGauge(name string, options ...metric.Float64ObservableGaugeOption) (metric.Float64ObservableGauge, error) {
	c, o := metric.NewFloat64ObservableGaugeConfig(options...), observable{name, catalog.KindGauge}
	options = append(experimental(options), metric.WithDescription(c.Description()), metric.WithUnit(c.Unit()))
	for _, callback := range c.Callbacks() {
		options = append(options, metric.WithFloat64Callback(m.float64Callback(o, callback)))
	}
	i, err := m.Meter.Float64ObservableGauge(name, options...)
	m.provider.made(i, o)
	return i, err
}
