package outages_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"google.golang.org/protobuf/proto"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/otlp"
	"github.com/tutorflow/observability/internal/otlpcollector"
	"github.com/tutorflow/observability/telemetry"
)

// largest is more than a batch holds at the most.
const largest = 600

// TestLargestItemsAreDelivered has a collector take what gRPC takes by default,
// 4 MiB, of which no batch as it is collected remains below.
func TestLargestItemsAreDelivered(t *testing.T) {
	text := strings.Repeat("한", 3<<10) // 9 kB
	for name, test := range map[string]struct {
		signal exporters.Signal
		change func(*telemetry.Config)
		once   func(*telemetry.Telemetry)
	}{
		"lines with a long message and field": {exporters.Logs, nil, func(tel *telemetry.Telemetry) {
			tel.Logger().Info(text, zap.String("field", text))
		}},
		"lines with as much as one holds": {exporters.Logs, nil, func(tel *telemetry.Telemetry) {
			tel.Logger().Info(text, zap.String("a", text), zap.String("b", text), zap.Strings("c", []string{text, text, text, text}), zap.String("d", text), zap.String("e", text))
		}},
		"spans with a long error and status": {exporters.Traces, nil, func(tel *telemetry.Telemetry) {
			_, span := tel.TracerProvider().Tracer("test").Start(t.Context(), text)
			span.RecordError(errors.New(text))
			span.SetStatus(codes.Error, text)
			span.End()
		}},
		"spans with as much as the limits allow": {exporters.Traces, widest, func(tel *telemetry.Telemetry) {
			_, span := tel.TracerProvider().Tracer("test").Start(t.Context(), text, trace.WithAttributes(full(text)...))
			for range 40 {
				span.AddEvent(text, trace.WithAttributes(full(text)[:4]...))
				span.AddLink(trace.Link{SpanContext: span.SpanContext(), Attributes: full(text)[:2]})
			}
			span.End()
		}},
		"spans that are too large by themselves": {exporters.Traces, widest, func(tel *telemetry.Telemetry) {
			_, span := tel.TracerProvider().Tracer("test").Start(t.Context(), "large")
			for range 8 {
				span.AddEvent("event", trace.WithAttributes(full(text)...))
			}
			span.SetAttributes(attribute.String("kept", text), attribute.StringSlice("many", slicesOf(text, 1200)))
			span.End()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: exporters.ProtocolGRPC})
			c := telemetry.DefaultConfig()
			c.Service = telemetry.Service{Name: "sizes", Version: "1"}
			c.OTLP.URL, c.OTLP.Protocol = collector.Base(), exporters.ProtocolGRPC
			c.Metrics.Exporters, c.Traces.Exporters, c.Logs.Exporters = []string{"none"}, []string{"otlp"}, []string{"otlp"}
			n := largest
			if test.change != nil {
				test.change(&c)
				n = 64 // enough to fill many exports
			}
			tel, err := telemetry.New(t.Context(), c, telemetry.WithLogWriter(io.Discard), telemetry.WithExporters(otlp.New()))
			if err != nil {
				t.Fatal(err)
			}
			for range n {
				test.once(tel)
			}
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			if got := collector.Items(test.signal); got != n {
				t.Errorf("%d of %d are delivered", got, n)
			}
			exports := collector.Exports(test.signal)
			for _, e := range exports {
				if size := proto.Size(e.Request); size > 3584<<10 {
					t.Errorf("an export takes %d bytes", size)
				}
			}
			if len(exports) < 2 {
				t.Error("the items fit into one export, so this tests nothing")
			}
		})
	}
}

func widest(c *telemetry.Config) { c.Traces.Limits.AttributeBytes = 4096 }

// full are as many attributes as a span holds by default.
func full(text string) (kvs []attribute.KeyValue) {
	for i := range 128 {
		kvs = append(kvs, attribute.String(strings.Repeat("k", i+1), text))
	}
	return kvs
}

func slicesOf(text string, n int) (texts []string) {
	for range n {
		texts = append(texts, text)
	}
	return texts
}
