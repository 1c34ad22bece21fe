package guard_test

import (
	"context"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// settable is what package metric/x calls an option whose attributes can be
// replaced.
type settable interface{ Set(attribute.Set) }

func TestObservationKeepsTheAttributesThatItWasMadeWith(t *testing.T) {
	s := newService(t)
	observe(t, s.Meter("a"), "x", func(_ context.Context, o metric.Int64Observer) error {
		option := metric.WithAttributes(attribute.Int("i", 0))
		options := []metric.ObserveOption{option}
		o.Observe(0, options...)
		option.(settable).Set(attribute.NewSet(attribute.Int("i", 1)))
		o.Observe(1, options...)
		options[0] = metric.WithAttributes(attribute.Int("i", 2))
		o.Observe(2, options...)
		return nil
	})
	s.want(t, "x", `x{i="0"} 0`, `x{i="1"} 1`, `x{i="2"} 2`)
}

// raw and allowed are options as package metric/x has them.
type raw struct{ metric.ObserveOption }

func (raw) Experimental() {}
func (raw) RawAttributes() []attribute.KeyValue {
	return []attribute.KeyValue{attribute.String("a", "raw"), attribute.String("b", "raw")}
}

type allowed struct {
	metric.Int64ObservableGaugeOption
}

func (allowed) Experimental()                {}
func (allowed) AllowedKeys() []attribute.Key { return []attribute.Key{"a"} }

func TestExperimentalOptionsReachTheSDK(t *testing.T) {
	s := newService(t)
	callback := metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
		o.Observe(1, metric.WithAttributes(attribute.String("a", "set"), attribute.String("c", "set")), raw{})
		return nil
	})
	must[metric.Int64ObservableGauge](t)(s.Meter("a").Int64ObservableGauge("x_all", callback))
	must[metric.Int64ObservableGauge](t)(s.Meter("a").Int64ObservableGauge("x_one", callback, allowed{}))
	s.want(t, "x_", `x_all{a="raw",b="raw",c="set"} 1`, `x_one{a="raw"} 1`)
}

func TestObservationAfterTheReturnIsLost(t *testing.T) {
	s := newService(t)
	var kept []metric.Int64Observer
	observe(t, s.Meter("a"), "x", func(_ context.Context, o metric.Int64Observer) error {
		kept = append(kept, o)
		o.Observe(int64(len(kept)))
		return nil
	})
	s.want(t, "x", "x 1")
	kept[0].Observe(7)
	s.want(t, "x", "x 2")
	kept[0].Observe(7)
	s.want(t, "x", "x 3")
}

func TestObservationsOfOneCallbackAreBounded(t *testing.T) {
	s := newService(t)
	must[metric.Int64ObservableCounter](t)(s.Meter("a").Int64ObservableCounter("x_total", metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
		for i := range 2 * catalog.MaxSeries {
			o.Observe(1, metric.WithAttributes(attribute.Int("i", i)))
		}
		return nil
	})))
	got := s.series(t, "x_total")
	if overflow := got[`x_total{otel_metric_overflow="true"}`]; overflow != "1" || len(got) != catalog.MaxSeries+1 {
		t.Errorf("%d series, %q in the overflow", len(got), overflow)
	}
}

func TestDescriptionAndUnitReachTheSDK(t *testing.T) {
	s := newService(t)
	must[metric.Float64ObservableCounter](t)(s.Meter("a").Float64ObservableCounter("x", metric.WithUnit("s"), metric.WithDescription("About x."),
		metric.WithFloat64Callback(func(_ context.Context, o metric.Float64Observer) error { o.Observe(1); return nil })))
	s.want(t, "# HELP x", "# HELP x_seconds_total About x.")
}

func TestCallbacksScrapesAndInstrumentsConcurrentSafe(t *testing.T) {
	s := newService(t)
	gauge := must[metric.Int64ObservableGauge](t)(s.Meter("a").Int64ObservableGauge("x"))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 20 {
				r, err := s.Meter("a").RegisterCallback(func(_ context.Context, o metric.Observer) error {
					var inner sync.WaitGroup
					for i := range 2 {
						inner.Go(func() { o.ObserveInt64(gauge, 1, metric.WithAttributes(attribute.Int("i", i))) })
					}
					inner.Wait()
					return nil
				}, gauge)
				if err != nil {
					t.Error(err)
					return
				}
				s.scrape()
				counter, err := s.Meter("a").Int64Counter("x_int_total")
				if err != nil {
					t.Error(err)
				}
				counter.Add(t.Context(), 1<<21)
				if err := r.Unregister(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if got := s.series(t, "x_int_total")["x_int_total"]; got != "1.6777216e+08" {
		t.Errorf("the counter is %s", got)
	}
}
