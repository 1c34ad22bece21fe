package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/telemetrytest"
	"github.com/tutorflow/observability/telemetry/zaplog"
)

// broken is the factory of an exporter called down whose opening ends as open
// does.
func broken(open func() error) exporters.Factory {
	return exporters.Factory{
		Name:    "down",
		Metrics: func(context.Context, exporters.Settings) (*exporters.MetricExporter, error) { return nil, open() },
		Traces:  func(context.Context, exporters.Settings) (sdktrace.SpanExporter, error) { return nil, open() },
		Logs:    func(context.Context, exporters.Settings) (sdklog.Exporter, error) { return nil, open() },
	}
}

func TestExporterThatCannotBeOpenedCostsOnlyItself(t *testing.T) {
	for name, test := range map[string]struct {
		open func() error
		text string
	}{
		"its factory returns an error": {func() error { return errors.New("no route") }, "no route"},
		"its factory panics":           {func() error { panic("secret") }, "panic with a string"},
		"its factory returns nothing":  {func() error { return nil }, "the factory returned nothing that exports"},
	} {
		t.Run(name, func(t *testing.T) {
			spans := tracetest.NewInMemoryExporter()
			r := telemetrytest.New(t, telemetry.WithExporters(broken(test.open), spansTo(keptSpans{spans})),
				telemetry.WithConfig(func(c *telemetry.Config) {
					c.Metrics.Exporters = []string{"down", "prometheus"}
					c.Traces.Exporters = []string{"down", "kept"}
				}))
			r.Reviews.Add(t.Context())
			_, span := r.TracerProvider().Tracer("test").Start(t.Context(), "work")
			span.End()
			r.WantValue(catalog.Reviews, "1")
			for _, signal := range []string{"metrics", "traces"} {
				r.WantValue(`tutorflow_telemetry_exports_total{exporter="down",result="failure",signal="`+signal+`"}`, "1")
				r.WantValue(`tutorflow_telemetry_last_success_timestamp_seconds{exporter="down",signal="`+signal+`"}`, "0")
				if logs := fmt.Sprint(r.Logs()); !strings.Contains(logs, "open down exporter for "+signal+": "+test.text) || strings.Contains(logs, "secret") {
					t.Errorf("the log is %s", logs)
				}
			}
			if err := r.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			if got := len(spans.GetSpans()); got != 1 {
				t.Errorf("%d spans are exported, want 1", got)
			}
		})
	}
}

func TestServiceStartsWhenItsOnlyExportersAreBroken(t *testing.T) {
	running := goleak.IgnoreCurrent()
	c := pushing(config(), "down")
	c.Traces.Exporters = []string{"down"}
	tel, err := telemetry.New(t.Context(), c, discard, telemetry.WithExporters(broken(func() error { return errors.New("no route") })))
	if err != nil {
		t.Fatal(err)
	}
	tel.Reviews.Add(t.Context())
	if status := get(t, tel.MetricsHandler(), "/metrics").Code; status != http.StatusNotFound {
		t.Errorf("/metrics: status %d, want 404", status)
	}
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t, running)
}

func TestFailedStartLeavesNothingRunning(t *testing.T) {
	running := goleak.IgnoreCurrent()
	tel, err := telemetry.New(t.Context(), pushing(config(), "fake"), discard, telemetry.WithExporters(pushTo(&fakeExporter{})),
		telemetry.WithExternalServices(catalog.ExternalService{Name: "A b", Operations: []string{"x"}}))
	if tel != nil || err == nil || !strings.Contains(err.Error(), `"A b"`) {
		t.Errorf("New: %v, %v, want an error about the service", tel, err)
	}
	goleak.VerifyNone(t, running)
}

// keptSpans keeps the spans after the shutdown.
type keptSpans struct{ *tracetest.InMemoryExporter }

func (keptSpans) Shutdown(context.Context) error { return nil }

// hungSpans does not honour its context before release is closed.
type hungSpans struct{ release chan struct{} }

func (h hungSpans) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error {
	<-h.release
	return nil
}

func (hungSpans) Shutdown(context.Context) error { return nil }

func spansTo(exporter sdktrace.SpanExporter) exporters.Factory {
	name := "kept"
	if _, hung := exporter.(hungSpans); hung {
		name = "hung"
	}
	return exporters.Factory{Name: name, Traces: func(context.Context, exporters.Settings) (sdktrace.SpanExporter, error) {
		return exporter, nil
	}}
}

func TestExporterThatHangsAtTheEndTakesNothingFromAnother(t *testing.T) {
	synctest.Test(t, testHungBesideKept)
}

func testHungBesideKept(t *testing.T) {
	kept, hung := tracetest.NewInMemoryExporter(), hungSpans{make(chan struct{})}
	c := config()
	c.Traces.Exporters = []string{"hung", "kept"}
	tel, err := telemetry.New(t.Context(), c, discard, telemetry.WithExporters(spansTo(hung), spansTo(keptSpans{kept})))
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		_, span := tel.TracerProvider().Tracer("test").Start(t.Context(), "work")
		span.End()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	start := time.Now()
	err = tel.Shutdown(ctx)
	if took := time.Since(start); took > 2100*time.Millisecond {
		t.Errorf("Shutdown took %v, its deadline was 2s", took)
	}
	if err == nil || !strings.Contains(err.Error(), "shut down traces") || !strings.Contains(err.Error(), "1000 spans abandoned") {
		t.Errorf("Shutdown: %v, want the number of spans", err)
	}
	if got := len(kept.GetSpans()); got != 1000 {
		t.Errorf("the other exporter has %d spans, want 1000", got)
	}
	close(hung.release) // and all goroutines end
}

func TestPushedMetricsHaveTheRuntimeAndEmptyHistogramsUnlessTheyAreDeltas(t *testing.T) {
	for name, temporality := range map[string]metricdata.Temporality{
		"totals":    metricdata.CumulativeTemporality,
		"increases": metricdata.DeltaTemporality,
	} {
		t.Run(name, func(t *testing.T) {
			exporter := &preferring{temporality: temporality}
			tel, err := telemetry.New(t.Context(), pushing(config(), "fake"), discard, telemetry.WithExporters(pushTo(exporter)))
			if err != nil {
				t.Fatal(err)
			}
			tel.Reviews.Add(t.Context())
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, s := range exporter.last.ScopeMetrics {
				for _, m := range s.Metrics {
					names = append(names, m.Name)
				}
			}
			for metric, want := range map[string]bool{
				catalog.Reviews: true, "go_goroutines": true, "process_cpu_seconds_total": true,
				catalog.ExternalServiceDuration: temporality == metricdata.CumulativeTemporality,
			} {
				if got := slices.Contains(names, metric); got != want {
					t.Errorf("%s is exported: %v, want %v", metric, got, want)
				}
			}
		})
	}
}

type preferring struct {
	fakeExporter
	temporality metricdata.Temporality
}

func (p *preferring) Temporality(sdkmetric.InstrumentKind) metricdata.Temporality {
	return p.temporality
}

type keptRecords struct{ records []sdklog.Record }

func (k *keptRecords) Export(_ context.Context, records []sdklog.Record) error {
	k.records = append(k.records, records...)
	return nil
}
func (*keptRecords) ForceFlush(context.Context) error { return nil }
func (*keptRecords) Shutdown(context.Context) error   { return nil }

func TestLogLinesAreExportedByTheExportersThatOpen(t *testing.T) {
	kept := &keptRecords{}
	r := telemetrytest.New(t, telemetry.WithExporters(broken(func() error { return errors.New("no route") }),
		exporters.Factory{Name: "kept", Logs: func(context.Context, exporters.Settings) (sdklog.Exporter, error) { return kept, nil }}),
		telemetry.WithConfig(func(c *telemetry.Config) { c.Logs.Exporters = []string{"down", "console", "kept"} }))
	r.Logger().Named("db").Warn("slow", zap.String("password", "s3cret"), zap.Int("rows", 7))
	telemetry.Log(t.Context()).Info("to nowhere: nobody has set zap's global logger")
	r.WantValue(`tutorflow_telemetry_exports_total{exporter="down",result="failure",signal="logs"}`, "1")
	r.WantValue(`tutorflow_telemetry_dropped_total{exporter="kept",reason="queue_full",signal="logs"}`, "0")
	if err := r.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if len(kept.records) != 1 {
		t.Fatalf("%d records, want the line alone, and none about telemetry itself", len(kept.records))
	}
	record := kept.records[0]
	attributes := make(map[string]string)
	record.WalkAttributes(func(kv attribute.KeyValue) bool {
		attributes[string(kv.Key)] = kv.Value.String()
		return true
	})
	if record.Body().AsString() != "slow" || record.SeverityText() != "warn" || record.InstrumentationScope().Name != "tutorflow.db" ||
		attributes["rows"] != "7" || attributes["password"] != "[REDACTED]" {
		t.Errorf("the record is %v with %v", record, attributes)
	}
	if name, _ := record.Resource().Set().Value("service.name"); name.AsString() != "test" {
		t.Errorf("the resource is %v", record.Resource())
	}
}

// TestExporterThatLogsFeedsItselfNothing logs from within an export.
func TestExporterThatLogsFeedsItselfNothing(t *testing.T) {
	var tel *telemetry.Telemetry
	chatty := &chattyRecords{log: func(ctx context.Context) { tel.Logger().Info("exporting", zaplog.Context(ctx)) }}
	c := config()
	c.Logs.Exporters, c.Logs.Batch.Delay = []string{"chatty"}, 10*time.Millisecond
	tel, err := telemetry.New(t.Context(), c, discard, telemetry.WithExporters(
		exporters.Factory{Name: "chatty", Logs: func(context.Context, exporters.Settings) (sdklog.Exporter, error) { return chatty, nil }}))
	if err != nil {
		t.Fatal(err)
	}
	tel.Logger().Info("work")
	time.Sleep(200 * time.Millisecond)
	_ = tel.Shutdown(t.Context()) // tells of the failed export
	if got := chatty.exports.Load(); got != 1 {
		t.Errorf("one line led to %d exports", got)
	}
}

type chattyRecords struct {
	exports atomic.Int64
	log     func(context.Context)
}

func (c *chattyRecords) Export(ctx context.Context, _ []sdklog.Record) error {
	c.exports.Add(1)
	c.log(ctx)
	return errors.New("and it fails")
}
func (*chattyRecords) ForceFlush(context.Context) error { return nil }
func (*chattyRecords) Shutdown(context.Context) error   { return nil }

// panickingReader is a reader of others whose end panics.
type panickingReader struct{ sdkmetric.Reader }

func (panickingReader) Shutdown(context.Context) error { panic("hunter2") }

func TestAReaderThatPanicsAtTheEndDoesNotCostTheOthersTheirLastExport(t *testing.T) {
	metrics := &fakeExporter{}
	c := config()
	c.Metrics.Exporters = []string{"broken", "fake"}
	tel, err := telemetry.New(t.Context(), c, discard, telemetry.WithExporters(pushTo(metrics), exporters.Factory{
		Name: "broken", Metrics: func(context.Context, exporters.Settings) (*exporters.MetricExporter, error) {
			return &exporters.MetricExporter{Reader: panickingReader{sdkmetric.NewManualReader()}}, nil
		},
	}))
	if err != nil {
		t.Fatal(err)
	}
	tel.Reviews.Add(t.Context())
	if err := tel.Shutdown(t.Context()); err == nil || !strings.Contains(err.Error(), "shut down metrics: panic with a string") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("Shutdown: %v, want an error that tells of the panic, not of its value", err)
	}
	if got := metrics.sum(catalog.Reviews); got != 1 {
		t.Errorf("%d reviews are exported, want the last one", got)
	}
}
