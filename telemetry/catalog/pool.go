package catalog

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// PoolStats is the state of a connection pool at one moment. Max is 0 where
// there is no limit; Waits and Waited count from the pool's start.
type PoolStats struct {
	Active, Idle, Max int64
	Waits             int64
	Waited            time.Duration
}

// Pools exports the state of connection pools.
type Pools struct {
	meter             *Meter
	active, idle, max metric.Int64ObservableGauge
	waits             metric.Int64ObservableCounter
	waited            metric.Float64ObservableCounter

	mu    sync.Mutex
	names map[string]bool
}

// MaxPools is how many pools may be observed at once.
const MaxPools = 100

// Pools makes the instruments of connection pools; they have series once a
// pool is observed.
func (m *Meter) Pools() (*Pools, error) {
	p := &Pools{meter: m, names: make(map[string]bool)}
	var errs error
	for _, g := range []struct {
		name       string
		instrument *metric.Int64ObservableGauge
	}{{DBConnectionsActive, &p.active}, {DBConnectionsIdle, &p.idle}, {DBConnectionsMax, &p.max}} {
		d, _ := Lookup(g.name)
		err := m.claim(d)
		if err == nil {
			*g.instrument, err = m.otel.Int64ObservableGauge(d.Name, metric.WithUnit(d.Unit), metric.WithDescription(d.Description))
		}
		errs = errors.Join(errs, err)
	}
	waits, _ := Lookup(DBConnectionWaits)
	waited, _ := Lookup(DBConnectionWaitSeconds)
	if errs = errors.Join(errs, m.claim(waits), m.claim(waited)); errs != nil {
		return nil, errs
	}
	var err error
	p.waits, err = m.otel.Int64ObservableCounter(waits.Name, metric.WithUnit(waits.Unit), metric.WithDescription(waits.Description))
	errs = errors.Join(errs, err)
	p.waited, err = m.otel.Float64ObservableCounter(waited.Name, metric.WithUnit(waited.Unit), metric.WithDescription(waited.Description))
	return p, errors.Join(errs, err)
}

// Observe exports what stats returns as the pool called name, a label value
// that no observed pool has. The returned function ends that: the series are
// gone at the next scrape and the name is free again. It may be called twice.
//
// A stats function that panics loses its own series only.
func (p *Pools) Observe(name string, stats func() PoolStats) (stop func() error, err error) {
	if err := (Label{Name: "pool", Values: []string{name}}).validate(); err != nil {
		return nil, fmt.Errorf("observe pool: %w", err)
	}
	if stats == nil {
		return nil, fmt.Errorf("observe pool %q: stats <nil>: a function is needed", name)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.names[name]:
		return nil, fmt.Errorf("observe pool %q: name: already observed, each pool needs its own", name)
	case len(p.names) >= MaxPools:
		return nil, fmt.Errorf("observe pool %q: %d pools are observed, allowed are %d", name, len(p.names), MaxPools)
	}
	registration, err := p.register(name, stats)
	if err != nil {
		return nil, fmt.Errorf("observe pool %q: %w", name, err)
	}
	p.names[name] = true
	return sync.OnceValue(func() error {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.names, name)
		return registration.Unregister()
	}), nil
}

func (p *Pools) register(name string, stats func() PoolStats) (metric.Registration, error) {
	options := observeOptions([]attribute.KeyValue{attribute.String("pool", name)})
	guard := p.meter.Guard("pool:" + name)
	return p.meter.otel.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		guard(func() error {
			s := stats()
			o.ObserveInt64(p.active, s.Active, options...)
			o.ObserveInt64(p.idle, s.Idle, options...)
			o.ObserveInt64(p.max, s.Max, options...)
			o.ObserveInt64(p.waits, s.Waits, options...)
			o.ObserveFloat64(p.waited, s.Waited.Seconds(), options...)
			return nil
		})
		return nil
	}, p.active, p.idle, p.max, p.waits, p.waited)
}
