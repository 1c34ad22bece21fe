package export_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	logcollector "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	tracecollector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/telemetry/internal/export"
)

// wire takes the requests of the official exporters over HTTP, which are the
// messages that gRPC carries as well.
type wire struct {
	mu       sync.Mutex
	requests [][]byte
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests = append(w.requests, body)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(nil)), Request: r}, nil
}

// read reads all requests, none of which may be longer than a collector takes.
func read[M proto.Message](t *testing.T, w *wire, message M, items func(M)) {
	t.Helper()
	for _, request := range w.requests {
		if len(request) > 3584<<10 {
			t.Errorf("an export takes %d bytes", len(request))
		}
		if err := proto.Unmarshal(request, message); err != nil {
			t.Errorf("an export cannot be read: %v", err)
		}
		items(message)
	}
}

// spanWire makes a processor whose spans go over w.
func spanWire(t *testing.T, w *wire, limits export.Limits, l *ledger) *export.SpanProcessor {
	t.Helper()
	exporter, err := otlptracehttp.New(t.Context(), otlptracehttp.WithEndpointURL("http://collector.invalid/v1/traces"),
		otlptracehttp.WithHTTPClient(&http.Client{Transport: w}))
	if err != nil {
		t.Fatal(err)
	}
	return export.NewSpans(exporter, limits, l.Report)
}

func (w *wire) spanNames(t *testing.T) (names []string) {
	t.Helper()
	read(t, w, &tracecollector.ExportTraceServiceRequest{}, func(m *tracecollector.ExportTraceServiceRequest) {
		for _, r := range m.GetResourceSpans() {
			for _, s := range r.GetScopeSpans() {
				for _, span := range s.GetSpans() {
					names = append(names, span.GetName())
				}
			}
		}
	})
	return names
}

func seeds(f *testing.F) {
	f.Add("", "x", uint64(0), uint8(0))
	f.Add("GET /api/\xff\xfe", "bad\xff\xfe", uint64(1), uint8(7))
	f.Add("한", "\xed\xa0\x80", uint64(2), uint8(20))
	f.Add("x", "\x00\xc0", uint64(3), uint8(22))
	f.Add("\xff", "url.full", uint64(4), uint8(16))
	f.Add("https://me:secret@x/?a=\xff", "exception.message", uint64(5), uint8(13))
}

// FuzzSpan exports a span of anything between two good ones, its longest texts
// of a byte to 4 MiB.
func FuzzSpan(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text, other string, shape uint64, long uint8) {
		a := newAnything(shape, 1<<(long%23), text, other, "url.full")
		of := resource.NewWithAttributes(a.text(), a.keyValues(100, 2)...)
		var w wire
		l := newLedger(t, exporters.Traces)
		p := spanWire(t, &w, limits(), l)
		good := stub(func(s *tracetest.SpanStub) { s.Name, s.Resource = "good", of })
		odd := a.span()
		odd.Resource = of
		for _, s := range []tracetest.SpanStub{good, odd, good} {
			p.OnEnd(s.Snapshot())
		}
		err := p.Shutdown(t.Context())
		names := w.spanNames(t)
		if err != nil || len(names) != 3 || l.lost() != 0 {
			t.Errorf("%d of 3 spans are delivered, %d lost: %v", len(names), l.lost(), err)
		}
	})
}

// FuzzLogRecord exports a record of anything between two good ones. The
// resource is good: no processor can change it, and the configuration sees to it.
func FuzzLogRecord(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text, other string, shape uint64, long uint8) {
		a := newAnything(shape, 1<<(long%23), text, other)
		var w wire
		l := newLedger(t, exporters.Logs)
		exporter, err := otlploghttp.New(t.Context(), otlploghttp.WithEndpointURL("http://collector.invalid/v1/logs"),
			otlploghttp.WithHTTPClient(&http.Client{Transport: &w}))
		if err != nil {
			t.Fatal(err)
		}
		provider := sdklog.NewLoggerProvider(
			sdklog.WithResource(resource.NewSchemaless(attribute.String("service.name", strings.ToValidUTF8(text, "")))),
			sdklog.WithProcessor(export.NewLogs(exporter, limits(), l.Report)),
			sdklog.WithAttributeCountLimit(-1))
		scope := a.scope()
		odd := provider.Logger(scope.Name, log.WithInstrumentationVersion(scope.Version), log.WithSchemaURL(scope.SchemaURL), log.WithInstrumentationAttributeSet(scope.Attributes))
		good := provider.Logger("good")
		var booked log.Record
		booked.SetBody(attribute.StringValue("booked"))
		record := a.record()
		good.Emit(t.Context(), booked)
		odd.Emit(t.Context(), record) // in a scope of anything
		good.Emit(t.Context(), record)
		good.Emit(t.Context(), booked)
		err = provider.Shutdown(t.Context())

		delivered, kept := 0, 0
		read(t, &w, &logcollector.ExportLogsServiceRequest{}, func(m *logcollector.ExportLogsServiceRequest) {
			for _, r := range m.GetResourceLogs() {
				for _, s := range r.GetScopeLogs() {
					delivered += len(s.GetLogRecords())
					if s.GetScope().GetName() == "good" {
						kept += len(s.GetLogRecords())
					}
				}
			}
		})
		if kept < 3 || l.lost() > 1 || delivered+l.dropped("invalid_text")+l.dropped("too_large") != 4 {
			t.Errorf("%d records are delivered, %d of them in the good scope, %d lost, of 4: %v", delivered, kept, l.lost(), err)
		}
	})
}
