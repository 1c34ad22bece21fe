package otlp_test

import (
	"context"
	"flag"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/goleak"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/otlp"
	"github.com/tutorflow/observability/internal/otlpcollector"
)

func TestMain(m *testing.M) {
	// The tests wait for timeouts and retries, and need no processor meanwhile.
	flag.Parse()
	if err := flag.Set("test.parallel", "64"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

func protocols() []string { return []string{exporters.ProtocolGRPC, exporters.ProtocolHTTP} }

// each runs a test for both protocols and all signals, at once.
func each(t *testing.T, test func(t *testing.T, protocol string, signal exporters.Signal)) {
	t.Parallel()
	for _, protocol := range protocols() {
		for _, signal := range exporters.Signals() {
			t.Run(protocol+" "+string(signal), func(t *testing.T) {
				t.Parallel()
				test(t, protocol, signal)
			})
		}
	}
}

// rejections remembers what Settings.Rejected is told.
type rejections struct {
	mu      sync.Mutex
	items   int
	reasons []string
}

func (r *rejections) add(items int, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.items += items
	r.reasons = append(r.reasons, reason)
}

// exporter is an opened exporter of any signal.
type exporter struct {
	export   func(ctx context.Context, items int) error
	shutdown func(context.Context) error
}

// settings are good ones for the collector.
func settings(collector *otlpcollector.Collector, protocol string, signal exporters.Signal) exporters.Settings {
	return exporters.Settings{OTLP: exporters.OTLP{Protocol: protocol, Endpoint: collector.URL(signal), Timeout: 10 * time.Second}}
}

// open opens an exporter, which is shut down at the end of the test.
func open(t *testing.T, signal exporters.Signal, settings exporters.Settings) exporter {
	t.Helper()
	var e exporter
	var err error
	switch signal {
	case exporters.Metrics:
		opened, openErr := otlp.New().Metrics(t.Context(), settings)
		if err = openErr; err == nil {
			e = exporter{func(ctx context.Context, items int) error { return opened.Push.Export(ctx, points(items)) }, opened.Push.Shutdown}
		}
	case exporters.Traces:
		opened, openErr := otlp.New().Traces(t.Context(), settings)
		if err = openErr; err == nil {
			e = exporter{func(ctx context.Context, items int) error {
				return opened.ExportSpans(ctx, make(tracetest.SpanStubs, items).Snapshots())
			}, opened.Shutdown}
		}
	case exporters.Logs:
		opened, openErr := otlp.New().Logs(t.Context(), settings)
		if err = openErr; err == nil {
			e = exporter{func(ctx context.Context, items int) error { return opened.Export(ctx, records(items)) }, opened.Shutdown}
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = e.shutdown(ctx)
	})
	return e
}

func points(items int) *metricdata.ResourceMetrics {
	return &metricdata.ResourceMetrics{ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{{
		Name: "x_total",
		Data: metricdata.Sum[int64]{
			Temporality: metricdata.CumulativeTemporality, IsMonotonic: true,
			DataPoints: make([]metricdata.DataPoint[int64], items),
		},
	}}}}}
}

func records(items int) []sdklog.Record {
	all := make([]sdklog.Record, items)
	for i := range all {
		all[i].SetBody(attribute.StringValue("booked"))
	}
	return all
}

// eventually waits until done, a few seconds at most.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for begin := time.Now(); !done(); time.Sleep(time.Millisecond) {
		if time.Since(begin) > 10*time.Second {
			t.Fatalf("not within 10 s: %s", what)
		}
	}
}
