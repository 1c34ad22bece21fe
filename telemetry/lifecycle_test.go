package telemetry_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/telemetrytest"
)

func config() telemetry.Config {
	c := telemetry.DefaultConfig()
	c.Service = telemetry.Service{Name: "test", Version: "1"}
	return c
}

// discard is a writer for logs that nobody reads.
var discard = telemetry.WithLogWriter(writerFunc(func(p []byte) (int, error) { return len(p), nil }))

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestShutdownAnswersTheSameTwiceAndFromManyGoroutinesConcurrentSafe(t *testing.T) {
	broken := errors.New("broken pipe of the exporter")
	tel, err := telemetry.New(t.Context(), pushing(config(), "fake"), discard, telemetry.WithExporters(pushTo(&fakeExporter{shutdown: func(context.Context) error { return broken }})))
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			tel.Bookings.Add(t.Context(), catalog.BookingPending)
			if err := tel.Shutdown(t.Context()); !errors.Is(err, broken) {
				t.Errorf("Shutdown: %v, want %v", err, broken)
			}
		})
	}
	all.Wait()
}

func TestShutdownWithACancelledContextStillExports(t *testing.T) {
	exporter := &fakeExporter{}
	tel, err := telemetry.New(t.Context(), pushing(config(), "fake"), discard, telemetry.WithExporters(pushTo(exporter)))
	if err != nil {
		t.Fatal(err)
	}
	tel.Reviews.Add(t.Context())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := tel.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	if got := exporter.sum(catalog.Reviews); got != 1 {
		t.Errorf("the last export has %d reviews, want 1", got)
	}
}

func TestExportsThatRunDuringTheStartAreNoRaceConcurrentSafe(t *testing.T) {
	c := pushing(config(), "fake")
	c.Metrics.Interval = time.Millisecond
	for range 10 {
		tel, err := telemetry.New(t.Context(), c, discard, telemetry.WithExporters(pushTo(&fakeExporter{})))
		if err != nil {
			t.Fatal(err)
		}
		if err := tel.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

type closingWriter struct{ closed bool }

func (*closingWriter) Write(p []byte) (int, error) { return len(p), nil }
func (w *closingWriter) Close() error              { w.closed = true; return nil }

func TestShutdownLeavesTheCallersLogWriterOpen(t *testing.T) {
	w := &closingWriter{}
	tel, err := telemetry.New(t.Context(), config(), telemetry.WithLogWriter(w))
	if err != nil {
		t.Fatal(err)
	}
	if err := tel.Shutdown(t.Context()); err != nil || w.closed {
		t.Errorf("Shutdown: %v, the writer is closed: %v", err, w.closed)
	}
}

func TestInstrumentsWorkAfterShutdown(t *testing.T) {
	r := telemetrytest.New(t)
	handler := r.MetricsHandler()
	if err := r.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.Bookings.Add(t.Context(), catalog.BookingApproved)
	r.RecordError(t.Context(), errors.New("late"))
	r.Logger().Error("late")
	if status := get(t, handler, "/metrics").Code; status != http.StatusServiceUnavailable {
		t.Errorf("a scrape after Shutdown: status %d, want 503", status)
	}
}

// fakeExporter keeps what is exported to it.
type fakeExporter struct {
	shutdown func(context.Context) error

	mu   sync.Mutex
	last metricdata.ResourceMetrics
}

func (*fakeExporter) Temporality(sdkmetric.InstrumentKind) metricdata.Temporality {
	return metricdata.CumulativeTemporality
}

func (*fakeExporter) Aggregation(kind sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	return sdkmetric.DefaultAggregationSelector(kind)
}

func (f *fakeExporter) Export(_ context.Context, data *metricdata.ResourceMetrics) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last = metricdata.ResourceMetrics{Resource: data.Resource}
	for _, s := range data.ScopeMetrics {
		f.last.ScopeMetrics = append(f.last.ScopeMetrics, metricdata.ScopeMetrics{Metrics: append([]metricdata.Metrics(nil), s.Metrics...)})
	}
	return nil
}

func (*fakeExporter) ForceFlush(context.Context) error { return nil }

func (f *fakeExporter) Shutdown(ctx context.Context) error {
	if f.shutdown != nil {
		return f.shutdown(ctx)
	}
	return nil
}

// sum adds up the last exported points of a counter.
func (f *fakeExporter) sum(name string) (total int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.last.ScopeMetrics {
		for _, m := range s.Metrics {
			if sum, ok := m.Data.(metricdata.Sum[int64]); ok && m.Name == name {
				for _, point := range sum.DataPoints {
					total += point.Value
				}
			}
		}
	}
	return total
}

// pushTo is the factory of an exporter called fake that pushes to exporter.
func pushTo(exporter sdkmetric.Exporter) exporters.Factory {
	return exporters.Factory{Name: "fake", Metrics: func(context.Context, exporters.Settings) (*exporters.MetricExporter, error) {
		return &exporters.MetricExporter{Push: exporter}, nil
	}}
}

func pushing(c telemetry.Config, exporter string) telemetry.Config {
	c.Metrics.Exporters = []string{exporter}
	return c
}
