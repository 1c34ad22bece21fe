package export_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	metriccollector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"

	"github.com/tutorflow/observability/exporters"
)

// TestRequestsAreShortAtTheLimitsOfEverySetting has spans that are as large as
// the configuration lets them be, by the smallest and the largest batch.
func TestRequestsAreShortAtTheLimitsOfEverySetting(t *testing.T) {
	const spans, most = 5, 1024
	for _, batch := range []int{1, 512, 4096} {
		for _, longest := range []int{16, 4096} {
			t.Run(fmt.Sprintf("batches of %d with texts of %d bytes", batch, longest), func(t *testing.T) {
				text := strings.Repeat("한", 3000)
				full := func(n int) (kvs []attribute.KeyValue) {
					for i := range n {
						kvs = append(kvs, attribute.String(fmt.Sprint("key", i), text))
					}
					return kvs
				}
				events, links := make([]sdktrace.Event, most), make([]sdktrace.Link, most)
				for i := range most {
					events[i] = sdktrace.Event{Name: text, Attributes: full(2)}
					links[i] = sdktrace.Link{SpanContext: newAnything(uint64(i), 1, "").context(), Attributes: full(2)}
				}
				large := stub(func(s *tracetest.SpanStub) {
					s.Name, s.Status.Description, s.Attributes, s.Events, s.Links = text, text, full(most), events, links
				}).Snapshot()
				bounds := limits()
				bounds.QueueSize, bounds.BatchSize, bounds.TextSize = 100_000, batch, longest
				var w wire
				l := newLedger(t, exporters.Traces)
				p := spanWire(t, &w, bounds, l)
				for range spans {
					p.OnEnd(large)
				}
				err := p.Shutdown(t.Context())
				if names := w.spanNames(t); err != nil || len(names) != spans || l.lost() != 0 || len(w.requests) != l.exports("success") {
					t.Errorf("%d of %d spans are delivered by %d requests, %d exports: %v", len(names), spans, len(w.requests), l.exports("success"), err)
				}
				if batch > 1 && len(w.requests) == 1 {
					t.Error("the spans fit into one request, so this tests nothing")
				}
			})
		}
	}
}

func TestRequestsWithMetricsOfEveryKindAreShort(t *testing.T) {
	for name, data := range large() {
		t.Run(name, func(t *testing.T) {
			var w wire
			exporter, err := otlpmetrichttp.New(t.Context(), otlpmetrichttp.WithEndpointURL("http://collector.invalid/v1/metrics"),
				otlpmetrichttp.WithHTTPClient(&http.Client{Transport: &w}))
			if err != nil {
				t.Fatal(err)
			}
			l, err := exportOnce(t, exporter, resource.Empty(), []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{{Name: "large", Data: data}}}})
			if err != nil || l.lost() != 0 || len(w.requests) < 2 {
				t.Errorf("%d requests, %d points are lost: %v", len(w.requests), l.lost(), err)
			}
			points := 0
			read(t, &w, &metriccollector.ExportMetricsServiceRequest{}, func(m *metriccollector.ExportMetricsServiceRequest) {
				for _, metric := range m.GetResourceMetrics()[0].GetScopeMetrics()[0].GetMetrics() {
					points += len(metric.GetGauge().GetDataPoints()) + len(metric.GetSum().GetDataPoints()) +
						len(metric.GetHistogram().GetDataPoints()) + len(metric.GetExponentialHistogram().GetDataPoints()) + len(metric.GetSummary().GetDataPoints())
				}
			})
			if points != 5000 {
				t.Errorf("%d points are delivered, want 5000", points)
			}
		})
	}
}
