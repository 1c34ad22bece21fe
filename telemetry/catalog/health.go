package catalog

import (
	"context"
	"errors"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// Health exports the last results of health checks.
type Health struct {
	meter    *Meter
	guard    func(read func() error)
	up       metric.Int64ObservableGauge
	duration metric.Float64ObservableGauge
}

// Health makes the instruments of health checks; they have series once a
// checker is observed.
func (m *Meter) Health() (*Health, error) {
	up, _ := Lookup(HealthCheckUp)
	duration, _ := Lookup(HealthCheckDuration)
	if err := errors.Join(m.claim(up), m.claim(duration)); err != nil {
		return nil, err
	}
	h := &Health{meter: m, guard: m.Guard("health")}
	var errs [2]error
	h.up, errs[0] = m.otel.Int64ObservableGauge(up.Name, metric.WithUnit(up.Unit), metric.WithDescription(up.Description))
	h.duration, errs[1] = m.otel.Float64ObservableGauge(duration.Name, metric.WithUnit(duration.Unit), metric.WithDescription(duration.Description))
	return h, errors.Join(errs[:]...)
}

// Observe exports each check that each yields: its name, whether it is up and
// the seconds that its last run took. The names must be few and fixed. The
// returned function ends that; it may be called twice.
func (h *Health) Observe(each func(yield func(check string, up bool, seconds float64))) (stop func() error, err error) {
	if each == nil {
		return nil, errors.New("observe health checks: <nil>: a function is needed")
	}
	registration, err := h.meter.otel.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		h.guard(func() error {
			each(func(check string, up bool, seconds float64) {
				check = LabelValue(check)
				option := metric.WithAttributeSet(attribute.NewSet(attribute.String("check", check)))
				var one int64
				if up {
					one = 1
				}
				o.ObserveInt64(h.up, one, option)
				o.ObserveFloat64(h.duration, seconds, option)
			})
			return nil
		})
		return nil
	}, h.up, h.duration)
	if err != nil {
		return nil, err
	}
	return sync.OnceValue(registration.Unregister), nil
}
