package stdout_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.uber.org/goleak"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/stdout"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// lines are what was printed, each of which is a JSON object.
func lines(t *testing.T, printed string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range strings.Lines(printed) {
		var object map[string]any
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			t.Errorf("%v: %s", err, line)
		}
		all = append(all, object)
	}
	return all
}

// shared is a buffer that is read while it is written to.
type shared struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buffer.Write(p)
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buffer.String()
}

// produced is a metric that no instrument holds.
type produced struct{}

func (produced) Produce(context.Context) ([]metricdata.ScopeMetrics, error) {
	return []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{{Name: "x_produced", Data: metricdata.Gauge[int64]{
		DataPoints: []metricdata.DataPoint[int64]{{Value: 42}},
	}}}}}, nil
}

func TestMetricsArePrintedAtTheIntervalAndAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var printed shared
		exporter, err := stdout.New(&printed).Metrics(t.Context(), exporters.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		if exporter.Handler != nil || exporter.Reader != nil {
			t.Error("there is a handler or a reader")
		}
		provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter.Push,
			sdkmetric.WithInterval(10*time.Second), sdkmetric.WithProducer(produced{}))))
		counter, err := provider.Meter("test").Int64Counter("x_lessons_total")
		if err != nil {
			t.Fatal(err)
		}
		counter.Add(t.Context(), 7)
		for _, want := range []struct {
			after time.Duration
			lines int
		}{{9 * time.Second, 0}, {2 * time.Second, 1}, {10 * time.Second, 2}} {
			time.Sleep(want.after)
			synctest.Wait()
			if got := len(lines(t, printed.String())); got != want.lines {
				t.Errorf("%d lines, want %d", got, want.lines)
			}
		}
		if err := provider.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		text := printed.String()
		if got := len(lines(t, text)); got != 3 || !strings.Contains(text, `"Name":"x_lessons_total"`) || !strings.Contains(text, `"Name":"x_produced"`) {
			t.Errorf("%d lines: %s", got, text)
		}
	})
}

func TestSpansArePrinted(t *testing.T) {
	var printed bytes.Buffer
	exporter, err := stdout.New(&printed).Traces(t.Context(), exporters.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	for _, name := range []string{"book", "pay"} {
		_, span := provider.Tracer("test").Start(t.Context(), name)
		span.End()
	}
	if err := provider.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := lines(t, printed.String()); len(got) != 2 || got[0]["Name"] != "book" || got[1]["Name"] != "pay" {
		t.Errorf("printed %s", printed.String())
	}
}

// TestSignalsTakeTurnsConcurrentSafe prints both signals to a writer that
// is not made for two goroutines.
func TestSignalsTakeTurnsConcurrentSafe(t *testing.T) {
	var printed bytes.Buffer
	factory := stdout.New(&printed)
	metrics, err := factory.Metrics(t.Context(), exporters.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	traces, err := factory.Traces(t.Context(), exporters.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	meters := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(metrics.Push, sdkmetric.WithInterval(time.Hour))))
	tracers := sdktrace.NewTracerProvider(sdktrace.WithSyncer(traces))
	const each = 50
	var all sync.WaitGroup
	all.Go(func() {
		for range each {
			if err := meters.ForceFlush(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
	all.Go(func() {
		for range each {
			_, span := tracers.Tracer("test").Start(t.Context(), "book")
			span.End()
		}
	})
	all.Wait()
	if err := errors.Join(meters.Shutdown(t.Context()), tracers.Shutdown(t.Context())); err != nil {
		t.Fatal(err)
	}
	if got := len(lines(t, printed.String())); got != 2*each+1 {
		t.Errorf("%d lines, want %d", got, 2*each+1)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestFailedExportIsAnError(t *testing.T) {
	exporter, err := stdout.New(full{}).Metrics(t.Context(), exporters.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	if err := exporter.Push.Export(t.Context(), &metricdata.ResourceMetrics{}); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("the export gave %v", err)
	}
}

func TestWriterIsNeeded(t *testing.T) {
	factory := stdout.New(nil)
	_, metrics := factory.Metrics(t.Context(), exporters.Settings{})
	_, traces := factory.Traces(t.Context(), exporters.Settings{})
	for _, err := range []error{metrics, traces} {
		if err == nil || err.Error() != "open console exporter: writer <nil>: one is needed" {
			t.Errorf("the error is %v", err)
		}
	}
}
