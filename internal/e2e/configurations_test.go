package e2e_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/internal/otlpcollector"
)

// TestOneBinaryGoesWhereTheConfigurationSays runs the same program four times.
func TestOneBinaryGoesWhereTheConfigurationSays(t *testing.T) {
	for name, test := range map[string]struct {
		metrics, others string
		scrape          int
		delivered       bool
	}{
		"prometheus":          {"prometheus", "none", http.StatusOK, false},
		"otlp":                {"otlp", "otlp", http.StatusNotFound, true},
		"prometheus and otlp": {"prometheus,otlp", "otlp", http.StatusOK, true},
		"none":                {"none", "none", http.StatusNotFound, false},
	} {
		t.Run(name, func(t *testing.T) {
			collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: exporters.ProtocolHTTP})
			t.Setenv("OTEL_METRICS_EXPORTER", test.metrics)
			t.Setenv("OTEL_TRACES_EXPORTER", test.others)
			t.Setenv("OTEL_LOGS_EXPORTER", test.others)
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Base())
			s := startProcess(t, "-traffic", "0")
			for range 3 {
				if status, _, _ := get(t, s.url+"/api/v1/bookings"); status >= http.StatusInternalServerError {
					t.Errorf("the API answers %d", status)
				}
			}
			status, scrape, _ := get(t, s.url+"/metrics")
			if status != test.scrape || (status == http.StatusOK) != strings.Contains(scrape, "tutorflow_http_requests_total") {
				t.Errorf("the scrape answers %d, want %d", status, test.scrape)
			}
			if status, _, _ := get(t, s.url+"/health/live"); status != http.StatusOK {
				t.Errorf("the service is not alive: %d", status)
			}
			lines := s.end(t)
			if len(lines) == 0 {
				t.Error("there are no log lines")
			}
			for _, signal := range exporters.Signals() {
				if got := collector.Items(signal) > 0; got != test.delivered {
					t.Errorf("%s are delivered: %t, want %t", signal, got, test.delivered)
				}
			}
			if collector.Connections() > 0 != test.delivered {
				t.Errorf("%d connections to the collector", collector.Connections())
			}
		})
	}
}

// TestExemplarsPointToSpansThatWereExported follows each exemplar of a scrape to
// its trace.
func TestExemplarsPointToSpansThatWereExported(t *testing.T) {
	collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: exporters.ProtocolGRPC})
	t.Setenv("OTEL_TRACES_EXPORTER", "otlp")
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Base())
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", exporters.ProtocolGRPC)
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
	s := startService(t, nil)
	s.drive(100, time.Second)
	_, text, kind := get(t, s.url+"/metrics", "Accept", "application/openmetrics-text;version=1.0.0")
	if !strings.HasPrefix(kind, "application/openmetrics-text") {
		t.Fatalf("the scrape is %s", kind)
	}
	exemplars := traceIDs(text)
	if len(exemplars) == 0 {
		t.Fatal("the scrape has no exemplars")
	}
	eventually(t, "every exemplar's trace exported", func() bool {
		exported := make(map[string]bool)
		for _, span := range collector.Spans() {
			exported[hexadecimal(span.GetTraceId())] = true
		}
		for metric, id := range exemplars {
			if !exported[id] {
				t.Logf("the trace %s of %s is not exported yet", id, metric)
				return false
			}
		}
		return true
	})
}
