package export_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/prometheus"
	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/internal/export"
)

// metricDestination keeps the last export, with its points counted.
type metricDestination struct {
	destination
	temporality metricdata.Temporality
	last        metricdata.ResourceMetrics
}

func (d *metricDestination) Temporality(sdkmetric.InstrumentKind) metricdata.Temporality {
	return d.temporality
}

func (*metricDestination) Aggregation(kind sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	return sdkmetric.DefaultAggregationSelector(kind)
}

func (d *metricDestination) Export(ctx context.Context, data *metricdata.ResourceMetrics) error {
	d.mu.Lock()
	d.last = *data
	d.mu.Unlock()
	return d.take(ctx, 1)
}

// names are the exported metrics.
func (d *metricDestination) names() (names []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.last.ScopeMetrics {
		for _, m := range s.Metrics {
			names = append(names, m.Name)
		}
	}
	slices.Sort(names)
	return names
}

func newDestination() *metricDestination {
	return &metricDestination{temporality: metricdata.CumulativeTemporality}
}

// produce is a producer.
type produce func() ([]metricdata.ScopeMetrics, error)

func (p produce) Produce(context.Context) ([]metricdata.ScopeMetrics, error) { return p() }

func gauge(name string, kvs ...attribute.KeyValue) []metricdata.ScopeMetrics {
	return []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{{Name: name, Data: metricdata.Gauge[int64]{
		DataPoints: []metricdata.DataPoint[int64]{{Attributes: attribute.NewSet(kvs...), Value: 1}},
	}}}}}
}

func reading() export.Reading {
	return export.Reading{Interval: time.Minute, Timeout: 10 * time.Second}
}

func TestMetricsAreExportedAtEachIntervalAndAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, d := newLedger(t, exporters.Metrics), newDestination()
		provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(export.NewReader(d, reading(), l.Report)))
		counter, _ := provider.Meter("test").Int64Counter("events")
		counter.Add(t.Context(), 1)
		time.Sleep(3*time.Minute + time.Second)
		if err := provider.ForceFlush(t.Context()); err != nil {
			t.Error(err)
		}
		if err := provider.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if _, calls, closed := d.count(); calls != 5 || !closed || l.exports("success") != 5 || l.lost() != 0 {
			t.Errorf("%d exports, %d went well, closed: %v", calls, l.exports("success"), closed)
		}
		if err := provider.ForceFlush(t.Context()); err == nil {
			t.Error("a flush after the end goes well")
		}
	})
}

// TestNothingFollowsTheLastExport ends a reader while an interval passes during
// each of its exports.
func TestNothingFollowsTheLastExport(t *testing.T) {
	for range 200 { // which goroutine goes first is chance
		synctest.Test(t, func(t *testing.T) {
			l, d := newLedger(t, exporters.Metrics), newDestination()
			d.does(func(context.Context) error { time.Sleep(90 * time.Second); return nil })
			r := export.NewReader(d, export.Reading{
				Interval: time.Minute, Timeout: 10 * time.Minute,
				Producers: []sdkmetric.Producer{produce(func() ([]metricdata.ScopeMetrics, error) { return gauge("a"), nil })},
			}, l.Report)
			sdkmetric.NewMeterProvider(sdkmetric.WithReader(r))
			time.Sleep(130 * time.Second)
			if err := r.Shutdown(t.Context()); err != nil {
				t.Errorf("Shutdown: %v", err)
			}
			synctest.Wait()
			if _, calls, closed := d.count(); calls != 2 || !closed || l.lost() != 0 {
				t.Errorf("%d exports, closed %t, %d points lost; want the one of before and the last", calls, closed, l.lost())
			}
		})
	}
}

func TestSourceThatFailsCostsOnlyItself(t *testing.T) {
	for name, test := range map[string]struct {
		callback  metric.Int64Callback
		producers []sdkmetric.Producer
		want      []string
		text      string
	}{
		"a callback returns an error": {
			func(context.Context, metric.Int64Observer) error { return errors.New("no table") },
			nil, []string{"good", "produced"}, "no table",
		},
		"a callback panics": {
			func(context.Context, metric.Int64Observer) error { panic("secret") },
			nil, []string{"produced"}, "panic with a string",
		},
		"a producer returns an error and a part": {nil, []sdkmetric.Producer{produce(func() ([]metricdata.ScopeMetrics, error) {
			return gauge("part"), errors.New("no file")
		})}, []string{"good", "part", "produced"}, "no file"},
		"a producer panics": {nil, []sdkmetric.Producer{produce(func() ([]metricdata.ScopeMetrics, error) {
			panic("secret")
		})}, []string{"good", "produced"}, "panic with a string"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, d := newLedger(t, exporters.Metrics), newDestination()
				r := reading()
				r.Producers = append(test.producers, produce(func() ([]metricdata.ScopeMetrics, error) { return gauge("produced"), nil }))
				provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(export.NewReader(d, r, l.Report)))
				meter := provider.Meter("test")
				counter, _ := meter.Int64Counter("good")
				counter.Add(t.Context(), 1)
				if test.callback != nil {
					_, _ = meter.Int64ObservableGauge("bad", metric.WithInt64Callback(test.callback))
				}
				time.Sleep(time.Minute + time.Second)
				if got := d.names(); !slices.Equal(got, test.want) {
					t.Errorf("%q are exported, want %q", got, test.want)
				}
				if got := l.value(catalog.TelemetryCallbackFailures, "source", "export:fake"); got != 1 {
					t.Errorf("%d failures are counted, want 1", got)
				}
				if text := fmt.Sprint(l.texts()); !strings.Contains(text, test.text) || strings.Contains(text, "secret") {
					t.Errorf("the errors are %s", text)
				}
				if err := provider.Shutdown(t.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestPointsOfFailedExportsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, d := newLedger(t, exporters.Metrics), newDestination()
		r := reading()
		r.Producers = []sdkmetric.Producer{produce(func() ([]metricdata.ScopeMetrics, error) {
			return append(gauge("one"), gauge("two")...), nil
		})}
		provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(export.NewReader(d, r, l.Report)))
		d.does(func(context.Context) error { return errors.New("no") })
		time.Sleep(time.Minute + time.Second)
		d.does(hang)
		time.Sleep(time.Minute + 10*time.Second)
		d.does(func(context.Context) error { panic("no") })
		time.Sleep(time.Minute)
		if l.dropped("export_failed") != 6 || l.exports("failure") != 3 {
			t.Errorf("%d points are dropped by %d exports, want 6 by 3", l.dropped("export_failed"), l.exports("failure"))
		}
		d.does(hang)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		err := provider.Shutdown(ctx)
		if took := time.Since(start); took > 1100*time.Millisecond || err == nil || !strings.Contains(err.Error(), "2 data points abandoned") {
			t.Errorf("Shutdown after %v: %v", took, err)
		}
		if got := l.dropped("shutdown"); got != 2 {
			t.Errorf("%d points are dropped in the shutdown, want 2", got)
		}
	})
}

func TestHungCallbackDoesNotHoldUpTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, d := newLedger(t, exporters.Metrics), newDestination()
		reader := export.NewReader(d, reading(), l.Report)
		provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
		release := make(chan struct{})
		_, _ = provider.Meter("test").Int64ObservableGauge("bad", metric.WithInt64Callback(func(context.Context, metric.Int64Observer) error {
			<-release
			return nil
		}))
		time.Sleep(time.Minute + time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		err := provider.Shutdown(ctx)
		if took := time.Since(start); took > 1100*time.Millisecond || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown after %v: %v", took, err)
		}
		if _, _, closed := d.count(); !closed {
			t.Error("the exporter is not shut down")
		}
		close(release)
	})
}

func TestMetricsThatAreNotEnabledAreLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, d := newLedger(t, exporters.Metrics), newDestination()
		own := append(gauge("kept"), gauge("produced.gauge")...)
		var asked []string
		r := reading()
		r.Enabled = func(name string) bool {
			asked = append(asked, name)
			return name == "kept" || name == "events_total" || name == catalog.Reviews
		}
		r.Producers = []sdkmetric.Producer{produce(func() ([]metricdata.ScopeMetrics, error) { return own, nil })}
		provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(export.NewReader(d, r, l.Report)))
		meter := provider.Meter("test")
		events, _ := meter.Int64Counter("events", metric.WithUnit("{event}"))
		reviews, _ := meter.Int64Counter(catalog.Reviews, metric.WithUnit("{review}"))
		duration, _ := meter.Float64Histogram("http.server.request.duration", metric.WithUnit("s"))
		active, _ := meter.Int64UpDownCounter("active.requests")
		events.Add(t.Context(), 1)
		reviews.Add(t.Context(), 1)
		active.Add(t.Context(), 1)
		duration.Record(t.Context(), 1)
		for range 2 {
			if err := provider.ForceFlush(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if want := []string{"events", "kept", catalog.Reviews}; !slices.Equal(d.names(), want) {
			t.Errorf("%q are exported, want %q", d.names(), want)
		}
		slices.Sort(asked)
		want := []string{"active_requests", "events_total", "http_server_request_duration_seconds", "kept", "produced_gauge", catalog.Reviews}
		if got := slices.Compact(asked); !slices.Equal(got, want) {
			t.Errorf("asked for %q, want %q", got, want)
		}
		if own[0].Metrics[0].Name != "kept" || own[1].Metrics[0].Name != "produced.gauge" {
			t.Error("the producer's own metrics were changed")
		}
		if err := provider.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// Beside its gauges this is the scrape's: the bridge must not rename anything.
func TestRuntimeMetricsAreThoseOfAScrape(t *testing.T) {
	l, d := newLedger(t, exporters.Metrics), newDestination()
	runtime, err := export.NewRuntime(func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	var asked []string
	r := reading()
	r.Producers = []sdkmetric.Producer{runtime}
	r.Enabled = func(name string) bool { asked = append(asked, name); return true }
	reader := export.NewReader(d, r, l.Report)
	_ = sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	if err := reader.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}

	scraped, err := prometheus.New().Metrics(t.Context(), exporters.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	_ = sdkmetric.NewMeterProvider(sdkmetric.WithReader(scraped.Reader))
	response := httptest.NewRecorder()
	scraped.Handler.ServeHTTP(response, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	var want []string
	for text := range strings.Lines(response.Body.String()) {
		if name, ok := strings.CutPrefix(text, "# TYPE "); ok && (strings.HasPrefix(name, "go_") || strings.HasPrefix(name, "process_")) {
			want = append(want, strings.Fields(name)[0])
		}
	}
	slices.Sort(want)
	slices.Sort(asked)
	if len(want) < 20 || !slices.Equal(d.names(), want) || !slices.Equal(asked, want) {
		t.Errorf("exported are %q, filtered as %q, want %q", d.names(), asked, want)
	}
}

func TestDeltaIsWhatTheExporterSays(t *testing.T) {
	d := newDestination()
	if export.PrefersDelta(d) {
		t.Error("a cumulative exporter prefers delta")
	}
	d.temporality = metricdata.DeltaTemporality
	if !export.PrefersDelta(d) {
		t.Error("a delta exporter does not")
	}
}
