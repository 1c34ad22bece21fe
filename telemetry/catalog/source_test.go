package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// collector is a meter with a reader that collects when it is told to.
type collector struct {
	*catalog.Meter
	reader *sdkmetric.ManualReader
	otel   metric.Meter

	mu   sync.Mutex
	told []string
}

func newCollector(tb testing.TB) *collector {
	tb.Helper()
	c := &collector{reader: sdkmetric.NewManualReader()}
	c.otel = sdkmetric.NewMeterProvider(sdkmetric.WithReader(c.reader)).Meter("test")
	c.Meter = must[*catalog.Meter](tb)(catalog.NewMeter(c.otel))
	c.OnError(func(err error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.told = append(c.told, err.Error())
	})
	return c
}

// read has a callback read source.
func (c *collector) read(tb testing.TB, source *catalog.Source, read func(context.Context) (func(), error)) {
	must[metric.Int64ObservableGauge](tb)(c.otel.Int64ObservableGauge("x", metric.WithInt64Callback(func(ctx context.Context, _ metric.Int64Observer) error {
		_ = source.Read(ctx, read)
		return nil
	})))
}

// collect returns how long it took.
func (c *collector) collect(tb testing.TB) time.Duration {
	tb.Helper()
	start := time.Now()
	if err := c.reader.Collect(context.Background(), &metricdata.ResourceMetrics{}); err != nil {
		tb.Error(err)
	}
	return time.Since(start)
}

// failures are those of the source, once the next collection has read them.
func (c *collector) failures(tb testing.TB, source string) (total int64) {
	tb.Helper()
	var data metricdata.ResourceMetrics
	if err := c.reader.Collect(context.Background(), &data); err != nil {
		tb.Error(err)
	}
	for _, m := range data.ScopeMetrics[0].Metrics {
		if m.Name == catalog.TelemetryCallbackFailures {
			for _, p := range m.Data.(metricdata.Sum[int64]).DataPoints {
				if v, _ := p.Attributes.Value("source"); v.AsString() == source {
					total += p.Value
				}
			}
		}
	}
	return total
}

func TestReadingThatFailsIsCountedAndToldOfWithoutItsText(t *testing.T) {
	for name, test := range map[string]struct {
		read func(context.Context) (func(), error)
		told string
	}{
		"an error": {
			func(context.Context) (func(), error) { return nil, errors.New("dsn=secret") },
			"read flags: an error of type *errors.errorString",
		},
		"an error beside a result": {
			func(context.Context) (func(), error) { return func() { panic("called") }, errors.New("dsn=secret") },
			"read flags: an error of type *errors.errorString",
		},
		"a panic": {func(context.Context) (func(), error) { panic("secret") }, "read flags: panic with a string"},
		"a panic of the runtime": {
			func(context.Context) (func(), error) { var none *struct{ n int }; none.n = 1; return nil, nil },
			"read flags: panic: runtime error: invalid memory address or nil pointer dereference",
		},
		"the end of its goroutine": {
			func(context.Context) (func(), error) { runtime.Goexit(); return nil, nil },
			"read flags: it ended its goroutine",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCollector(t)
			if got := c.failures(t, "flags"); got != 0 {
				t.Errorf("%d failures at the start", got)
			}
			if err := c.Source("flags", "flags").Read(t.Context(), test.read); err == nil || err.Error() != test.told {
				t.Errorf("the error is %v, want %s", err, test.told)
			}
			if got := c.failures(t, "flags"); got != 1 || !slices.Equal(c.told, []string{test.told}) {
				t.Errorf("%d failures, told: %q", got, c.told)
			}
		})
	}
}

func TestReadingObservesOnlyWhatReturnedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := newCollector(t).Source("flags", "flags")
		observed := 0
		for _, took := range []time.Duration{0, catalog.SourceTimeout - 1, catalog.SourceTimeout + 1} {
			err := source.Read(t.Context(), func(context.Context) (func(), error) {
				time.Sleep(took)
				return func() { observed++ }, nil
			})
			if late := took > catalog.SourceTimeout; late != (err != nil) {
				t.Errorf("after %v the error is %v", took, err)
			}
		}
		synctest.Wait()
		time.Sleep(time.Second)
		if observed != 2 {
			t.Errorf("%d of 2 were observed", observed)
		}
	})
}

func TestSourceThatHangsCostsOneDelayAndOneGoroutineEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCollector(t)
		source, release := c.Source("flags", "flags"), make(chan struct{})
		var calls atomic.Int64
		c.read(t, source, func(ctx context.Context) (func(), error) {
			calls.Add(1)
			if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > catalog.SourceTimeout {
				t.Errorf("the deadline is %v", deadline)
			}
			<-release
			return func() {}, nil
		})
		for i := range 100 {
			took := c.collect(t)
			if want := catalog.SourceTimeout; i == 0 && took != want || i > 0 && took != 0 {
				t.Errorf("collection %d took %v", i, took)
			}
		}
		if got := calls.Load(); got != 1 {
			t.Errorf("it was called %d times", got)
		}
		if got := c.failures(t, "flags"); got != 100 {
			t.Errorf("%d failures in 100 collections", got)
		}
		close(release)
		synctest.Wait()
		// It is called once without being waited for, and is in time.
		c.collect(t)
		synctest.Wait()
		before := c.failures(t, "flags")
		synctest.Wait()
		if got := c.failures(t, "flags"); got != before {
			t.Errorf("it is back, and failures go from %d to %d", before, got)
		}
	})
}

func TestSourceThatIsAlwaysSlowDelaysOneCollection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCollector(t)
		c.read(t, c.Source("flags", "flags"), func(context.Context) (func(), error) {
			time.Sleep(3 * catalog.SourceTimeout)
			return func() {}, nil
		})
		var total time.Duration
		for range 10 {
			total += c.collect(t)
			time.Sleep(15 * time.Second)
		}
		if total != catalog.SourceTimeout {
			t.Errorf("10 collections took %v", total)
		}
	})
}

func TestSourcesThatHangTogetherLeaveTimeForTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, release := newCollector(t), make(chan struct{})
		pools := must[*catalog.Pools](t)(c.Pools())
		for i := range catalog.MaxPools {
			must[func() error](t)(pools.Observe(fmt.Sprint("hung", i), func() catalog.PoolStats {
				<-release
				return catalog.PoolStats{}
			}))
		}
		health, seen := must[*catalog.Health](t)(c.Health()), 0
		must[func() error](t)(health.Observe(func(func(string, bool, float64)) { seen++ }))
		if took := c.collect(t); took > 6*catalog.SourceTimeout {
			t.Errorf("the first collection took %v", took)
		}
		if took := c.collect(t); took != 0 {
			t.Errorf("the second collection took %v", took)
		}
		if seen != 2 {
			t.Errorf("what follows was read %d times", seen)
		}
		close(release)
		synctest.Wait()
	})
}

func TestReadingEndsWithTheCollection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := newCollector(t).Source("flags", "flags")
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		start := time.Now()
		err := source.Read(ctx, func(ctx context.Context) (func(), error) {
			time.Sleep(2 * time.Millisecond)
			return nil, ctx.Err()
		})
		if took := time.Since(start); took != time.Millisecond || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %v: %v", took, err)
		}
		// That is no fault of the source, which is waited for as before.
		if err := source.Read(t.Context(), func(context.Context) (func(), error) { return func() {}, nil }); err != nil {
			t.Error(err)
		}
	})
}

func TestReadingsOfOneSourceConcurrentSafe(t *testing.T) {
	c := newCollector(t)
	source := c.Source("flags", "flags")
	var inside atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				var n int
				err := source.Read(t.Context(), func(context.Context) (func(), error) {
					if inside.Add(1) != 1 {
						t.Error("two read it at once")
					}
					n++
					inside.Add(-1)
					return func() { n++ }, nil
				})
				if err != nil || n != 2 {
					t.Errorf("%d: %v", n, err)
				}
			}
		})
	}
	all.Wait()
}

func TestNumbersOfAPoolAndOfAHealthCheckAreSane(t *testing.T) {
	p := newPipeline(t)
	pools, health := must[*catalog.Pools](t)(p.Pools()), must[*catalog.Health](t)(p.Health())
	must[func() error](t)(pools.Observe("a", func() catalog.PoolStats { return catalog.PoolStats{Max: 5, Waits: -1, Waited: time.Second} }))
	must[func() error](t)(health.Observe(func(yield func(string, bool, float64)) {
		yield("nan", true, math.NaN())
		yield("inf", true, math.Inf(1))
	}))
	text := p.text(t, "text/plain")
	for _, wrong := range []string{catalog.DBConnectionWaits + "{", catalog.DBConnectionWaitSeconds + "{", catalog.HealthCheckDuration + "{"} {
		if strings.Contains(text, wrong) {
			t.Errorf("%s is on the scrape", wrong)
		}
	}
	p.wantValue(t, catalog.DBConnectionsMax+`{pool="a"}`, "5")
	p.wantValue(t, catalog.HealthCheckUp+`{check="inf"}`, "1")
}
