package catalog

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
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

	mu       sync.Mutex
	observed map[string]*pool // by name
	// labels are the names with a series of failures. They stay, so there are no
	// more than MaxPools and one for all other names.
	labels map[string]bool
}

type pool struct {
	stats   func() PoolStats
	source  *Source
	options []metric.ObserveOption
}

// MaxPools is how many pools may be observed at once.
const MaxPools = 100

// Pools makes the instruments of connection pools; they have series once a
// pool is observed.
func (m *Meter) Pools() (*Pools, error) {
	p := &Pools{meter: m, observed: make(map[string]*pool), labels: make(map[string]bool)}
	var errs error
	for _, g := range []struct {
		name       string
		instrument *metric.Int64ObservableGauge
	}{{DBConnectionsActive, &p.active}, {DBConnectionsIdle, &p.idle}, {DBConnectionsMax, &p.max}} {
		d, _ := Lookup(g.name)
		err := m.claim(d)
		if err == nil {
			*g.instrument, err = m.otel.Int64ObservableGauge(d.Name, metric.WithUnit(d.Unit), metric.WithDescription(d.Description))
			err = m.made(d, err)
		}
		errs = errors.Join(errs, err)
	}
	waits, _ := Lookup(DBConnectionWaits)
	waited, _ := Lookup(DBConnectionWaitSeconds)
	if errs = errors.Join(errs, m.claim(waits), m.claim(waited)); errs != nil {
		return nil, errs
	}
	p.waits, errs = m.otel.Int64ObservableCounter(waits.Name, metric.WithUnit(waits.Unit), metric.WithDescription(waits.Description))
	errs = m.made(waits, errs)
	var err error
	p.waited, err = m.otel.Float64ObservableCounter(waited.Name, metric.WithUnit(waited.Unit), metric.WithDescription(waited.Description))
	if errs = errors.Join(errs, m.made(waited, err)); errs != nil {
		return nil, errs
	}
	if _, err := m.otel.RegisterCallback(p.collect, p.active, p.idle, p.max, p.waits, p.waited); err != nil {
		return nil, fmt.Errorf("register callback of pools: %w", err)
	}
	return p, nil
}

// Observe exports what stats returns as the pool called name, a label value
// that no observed pool has. The returned function ends that: the series are
// gone at the next scrape and the name is free again. It returns nil, may be
// called twice, and waits for no collection, so one that is going on may still
// call stats.
//
// A stats function that panics or takes too long loses its own series only; see
// Source.
func (p *Pools) Observe(name string, stats func() PoolStats) (stop func() error, err error) {
	err = Label{Name: "pool", Values: []string{name}}.validate()
	if stats == nil {
		err = errors.Join(err, errors.New("stats <nil>: a function is needed"))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.observed[name] != nil:
		err = errors.Join(err, errors.New("name: already observed, each pool needs its own"))
	case len(p.observed) >= MaxPools:
		err = errors.Join(err, fmt.Errorf("%d pools are observed, allowed are %d", len(p.observed), MaxPools))
	}
	if err != nil {
		return nil, fmt.Errorf("observe pool %.140q: %w", name, err)
	}
	one := &pool{stats, p.source(name), observeOptions([]attribute.KeyValue{attribute.String("pool", name)})}
	p.observed[name] = one
	return func() error {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.observed[name] == one {
			delete(p.observed, name)
		}
		return nil
	}, nil
}

func (p *Pools) source(name string) *Source {
	label := name
	if len(p.labels) >= MaxPools && !p.labels[name] {
		label = Other
	}
	p.labels[label] = true
	return p.meter.Source("pool:"+label, "pool "+name)
}

// collect is the only callback, whatever comes and goes: registering one with
// OpenTelemetry waits for the collection that is going on.
func (p *Pools) collect(ctx context.Context, o metric.Observer) error {
	p.mu.Lock()
	observed := slices.Collect(maps.Values(p.observed))
	p.mu.Unlock()
	for _, one := range observed {
		_ = one.source.Read(ctx, func(context.Context) (func(), error) {
			s := one.stats()
			return func() { p.observe(o, s, one.options) }, nil
		})
	}
	return nil
}

func (p *Pools) observe(o metric.Observer, s PoolStats, options []metric.ObserveOption) {
	o.ObserveInt64(p.active, s.Active, options...)
	o.ObserveInt64(p.idle, s.Idle, options...)
	o.ObserveInt64(p.max, s.Max, options...)
	if s.Waits < 0 || s.Waited < 0 {
		p.meter.invalid.value.Add(1)
		return
	}
	o.ObserveInt64(p.waits, s.Waits, options...)
	o.ObserveFloat64(p.waited, s.Waited.Seconds(), options...)
}
