package guard_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/metric"

	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/internal/guard"
)

// callbacks are what a callback can do that has observed something.
func callbacks(release <-chan struct{}) map[string]struct {
	end  func() error
	told string
} {
	return map[string]struct {
		end  func() error
		told string
	}{
		"error":  {func() error { return errors.New("dsn=secret") }, "an error of type *errors.errorString"},
		"panic":  {func() error { panic("secret") }, "panic with a string"},
		"exit":   {func() error { runtime.Goexit(); return nil }, "it ended its goroutine"},
		"slow":   {func() error { time.Sleep(2 * catalog.SourceTimeout); return nil }, "it took too long"},
		"hanged": {func() error { <-release; return nil }, "it took too long"},
	}
}

func TestCallbackThatFailsLosesItsOwnSeriesOnly(t *testing.T) {
	for name := range callbacks(nil) {
		for form, register := range map[string]func(testing.TB, metric.Meter, string, func() error){
			"an option of an integer": func(tb testing.TB, m metric.Meter, name string, end func() error) {
				observe(tb, m, name, func(_ context.Context, o metric.Int64Observer) error { o.Observe(1); return end() })
			},
			"an option of a float": func(tb testing.TB, m metric.Meter, name string, end func() error) {
				must[metric.Float64ObservableUpDownCounter](tb)(m.Float64ObservableUpDownCounter(name,
					metric.WithFloat64Callback(func(_ context.Context, o metric.Float64Observer) error { o.Observe(1); return end() })))
			},
			"registered": func(tb testing.TB, m metric.Meter, name string, end func() error) {
				i := must[metric.Int64ObservableCounter](tb)(m.Int64ObservableCounter(name))
				f := must[metric.Float64ObservableGauge](tb)(m.Float64ObservableGauge(name + "_too"))
				must[metric.Registration](tb)(m.RegisterCallback(func(_ context.Context, o metric.Observer) error {
					o.ObserveInt64(i, 1)
					o.ObserveFloat64(f, 1)
					return end()
				}, i, f))
			},
		} {
			t.Run(name+"/"+form, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					release := make(chan struct{})
					test := callbacks(release)[name]
					s := newService(t)
					observe(t, s.Meter("good"), "x_before", one)
					register(t, s.Meter("acme/lib"), "x_bad", test.end)
					observe(t, s.Meter("good"), "x_after", one)
					const scrapes = 5
					for range scrapes {
						s.want(t, "x_", "x_before 1", "x_after 1")
						time.Sleep(15 * time.Second)
					}
					// A scrape reads the failures before its own.
					s.want(t, failures+`{source="scope:`, failures+`{source="scope:acme/lib"} 5`, failures+`{source="scope:good"} 0`)
					for _, told := range s.told {
						if !strings.HasPrefix(told, "read metric x_bad") || !strings.Contains(told, " of scope acme/lib: ") || strings.Contains(told, "secret") {
							t.Errorf("told %q", told)
						}
					}
					if len(s.told) < scrapes || !strings.Contains(s.told[0], test.told) {
						t.Errorf("told %q", s.told)
					}
					close(release)
					time.Sleep(2 * catalog.SourceTimeout) // what is slow ends, too
				})
			})
		}
	}
}

func TestCallbackThatHangsHoldsUpNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, release := newService(t), make(chan struct{})
		observe(t, s.Meter("a"), "x_bad", func(context.Context, metric.Int64Observer) error { <-release; return nil })
		before := runtime.NumGoroutine()
		start := time.Now()
		for range 100 {
			s.want(t, "x_")
		}
		if took := time.Since(start); took != catalog.SourceTimeout {
			t.Errorf("100 scrapes took %v", took)
		}
		start = time.Now()
		r := must[metric.Registration](t)(s.Meter("b").RegisterCallback(func(context.Context, metric.Observer) error { return nil }, observe(t, s.Meter("b"), "x_good", one)))
		if err := r.Unregister(); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("making an instrument took %v", took)
		}
		synctest.Wait()
		// Others of the process come and go; each of the 100 scrapes would leave one.
		if got := runtime.NumGoroutine() - before; got > 10 {
			t.Errorf("%d goroutines stay", got)
		}
		s.want(t, "x_", "x_good 1")
		close(release)
	})
}

// TestCallbackThatWaitsForItsOwnCollectionIsLateOnce has what is a deadlock in
// the plain SDK. What it waits for is a mutex, for which fake time stands still.
func TestCallbackThatWaitsForItsOwnCollectionIsLateOnce(t *testing.T) {
	for name, wait := range map[string]func(testing.TB, metric.Meter, metric.Registration){
		"it makes an instrument": func(tb testing.TB, m metric.Meter, _ metric.Registration) {
			observe(tb, m, "x_inner", one)
		},
		"it unregisters another callback": func(tb testing.TB, _ metric.Meter, r metric.Registration) {
			if err := r.Unregister(); err != nil {
				tb.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t)
			m := s.Meter("a")
			r := must[metric.Registration](t)(m.RegisterCallback(func(context.Context, metric.Observer) error { return nil }, observe(t, m, "x_other", one)))
			waited := false
			observe(t, m, "x_outer", func(_ context.Context, o metric.Int64Observer) error {
				if !waited {
					waited = true
					wait(t, m, r)
				}
				o.Observe(1)
				return nil
			})
			s.want(t, "x_outer")
			for range 100 { // it may still be about to return
				if s.series(t, "x_outer")["x_outer"] == "1" {
					return
				}
				time.Sleep(20 * time.Millisecond)
			}
			t.Error("it does not come back")
		})
	}
}

func TestCallbackIsNotCalledAfterUnregister(t *testing.T) {
	s := newService(t)
	m := s.Meter("a")
	var calls atomic.Int64
	gauge := must[metric.Int64ObservableGauge](t)(m.Int64ObservableGauge("x"))
	r := must[metric.Registration](t)(m.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		calls.Add(1)
		o.ObserveInt64(gauge, 1)
		return nil
	}, gauge))
	s.want(t, "x", "x 1")
	for range 2 {
		if err := r.Unregister(); err != nil {
			t.Error(err)
		}
	}
	s.want(t, "x")
	if got := calls.Load(); got != 1 {
		t.Errorf("%d calls", got)
	}
}

func TestUnregisterWaitsNoLongerThanACollectionMay(t *testing.T) {
	s, called, release := newService(t), make(chan struct{}), make(chan struct{})
	m := s.Meter("a")
	gauge := must[metric.Int64ObservableGauge](t)(m.Int64ObservableGauge("x"))
	r := must[metric.Registration](t)(m.RegisterCallback(func(context.Context, metric.Observer) error {
		close(called)
		<-release
		return nil
	}, gauge))
	scraped := make(chan struct{})
	go func() {
		defer close(scraped)
		s.scrape()
	}()
	<-called
	// Were it to wait for the callback, the test would never end.
	if err := r.Unregister(); err != nil {
		t.Error(err)
	}
	<-scraped
	close(release)
}

func TestInstrumentsOfOthersAreRefused(t *testing.T) {
	s := newService(t)
	gauge := must[metric.Int64ObservableGauge](t)(s.Meter("a").Int64ObservableGauge("x"))
	callback := func(context.Context, metric.Observer) error { return nil }
	for name, given := range map[string]metric.Observable{"another scope": gauge, "another library": alien{}, "nothing": nil} {
		if r, err := s.Meter("b").RegisterCallback(callback, given); err == nil {
			t.Errorf("%s: registered as %v", name, r)
		}
	}
	if r, err := s.Meter("b").RegisterCallback(callback); err != nil || r.Unregister() != nil {
		t.Errorf("without instruments: %v", err)
	}
}

// alien is an instrument that cannot be a key of a map.
type alien struct {
	metric.Int64Observable
	_ []int
}

func TestScopesWithFailuresOfTheirOwnAreBounded(t *testing.T) {
	s := newService(t)
	for i := range 3 * guard.MaxScopes {
		observe(t, s.Meter(fmt.Sprint("scope", i, strings.Repeat("\xff", 200))), fmt.Sprint("x_", i), one)
	}
	got := s.series(t, failures)
	if len(got) != guard.MaxScopes+1 {
		t.Errorf("%d series of failures", len(got))
	}
	if _, ok := got[failures+`{source="scope:other"}`]; !ok {
		t.Error("the others have no series")
	}
}
