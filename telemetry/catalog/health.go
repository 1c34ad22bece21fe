package catalog

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// Health exports the last results of health checks.
type Health struct {
	meter    *Meter
	up       metric.Int64ObservableGauge
	duration metric.Float64ObservableGauge

	mu      sync.Mutex
	sources []*healthSource
}

type healthSource struct {
	*Source
	each func(yield func(check string, up bool, seconds float64))
}

type healthCheck struct {
	name    string
	up      bool
	seconds float64
}

// Health makes the instruments of health checks; they have series once a
// checker is observed.
func (m *Meter) Health() (*Health, error) {
	up, _ := Lookup(HealthCheckUp)
	duration, _ := Lookup(HealthCheckDuration)
	if err := errors.Join(m.claim(up), m.claim(duration)); err != nil {
		return nil, err
	}
	h := &Health{meter: m}
	m.Failures("health") // starts at 0
	var errs [2]error
	h.up, errs[0] = m.otel.Int64ObservableGauge(up.Name, metric.WithUnit(up.Unit), metric.WithDescription(up.Description))
	h.duration, errs[1] = m.otel.Float64ObservableGauge(duration.Name, metric.WithUnit(duration.Unit), metric.WithDescription(duration.Description))
	if err := errors.Join(m.made(up, errs[0]), m.made(duration, errs[1])); err != nil {
		return nil, err
	}
	if _, err := m.otel.RegisterCallback(h.collect, h.up, h.duration); err != nil {
		return nil, fmt.Errorf("register callback of health checks: %w", err)
	}
	return h, nil
}

// Observe exports each check that each yields: its name, whether it is up and
// the seconds that its last run took. The names must be few and fixed, and
// different from those of other sources; those beyond MaxSeries are left out.
// each must not block. The returned function ends that. It returns nil, may be called twice, and waits for no
// collection, so one that is going on may still call each.
//
// A source that panics or takes too long loses its own series only; see Source.
func (h *Health) Observe(each func(yield func(check string, up bool, seconds float64))) (stop func() error, err error) {
	if each == nil {
		return nil, errors.New("observe health checks: <nil>: a function is needed")
	}
	source := &healthSource{h.meter.Source("health", "health checks"), each}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sources = append(h.sources, source)
	return func() error {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.sources = slices.DeleteFunc(h.sources, func(s *healthSource) bool { return s == source })
		return nil
	}, nil
}

// collect is the only callback, whatever comes and goes; see Pools.collect.
func (h *Health) collect(ctx context.Context, o metric.Observer) error {
	h.mu.Lock()
	sources := slices.Clone(h.sources)
	h.mu.Unlock()
	for _, source := range sources {
		_ = source.Read(ctx, func(context.Context) (func(), error) {
			var checks []healthCheck
			source.each(func(check string, up bool, seconds float64) {
				if len(checks) < MaxSeries {
					checks = append(checks, healthCheck{LabelValue(check), up, seconds})
				}
			})
			return func() { h.observe(o, checks) }, nil
		})
	}
	return nil
}

func (h *Health) observe(o metric.Observer, checks []healthCheck) {
	for _, c := range checks {
		option := metric.WithAttributeSet(attribute.NewSet(attribute.String("check", c.name)))
		var up int64
		if c.up {
			up = 1
		}
		o.ObserveInt64(h.up, up, option)
		if math.IsNaN(c.seconds) || math.IsInf(c.seconds, 0) {
			h.meter.invalid.value.Add(1)
			continue
		}
		o.ObserveFloat64(h.duration, c.seconds, option)
	}
}
