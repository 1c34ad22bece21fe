package e2e_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/catalog"
)

type subject int

// prometheusReads reads a scrape with Prometheus's own parser, and returns the
// values of the series called name by label. What it refuses costs all of a
// scrape.
func prometheusReads(t *testing.T, handler http.Handler, accept, name, label string) map[string]float64 {
	t.Helper()
	request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	request.Header.Set("Accept", accept)
	response := httptest.NewRecorder()
	handler.ServeHTTP(response, request)
	found := make(map[string]float64)
	parser, err := textparse.New(response.Body.Bytes(), response.Header().Get("Content-Type"), labels.NewSymbolTable(), textparse.ParserOptions{})
	if err != nil || response.Code != http.StatusOK {
		t.Fatalf("scrape: status %d: %v", response.Code, err)
	}
	for {
		entry, err := parser.Next()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Errorf("Prometheus cannot read the scrape as %s: %v", accept, err)
			return found
		}
		if entry != textparse.EntrySeries {
			continue
		}
		var series labels.Labels
		parser.Labels(&series)
		if twice, ok := series.HasDuplicateLabelNames(); ok {
			t.Errorf("Prometheus refuses %s for its second label %s", series, twice)
		}
		if series.Get(model.MetricNameLabel) == name {
			_, _, found[series.Get(label)] = parser.Series()
		}
	}
}

// FuzzPrometheusReadsTheScrape has instruments of the catalogue and of bare
// OpenTelemetry under any name, with any label, value, unit and description.
func FuzzPrometheusReadsTheScrape(f *testing.F) {
	f.Add("lessons", "subject", "algebra", "{lesson}", "Lessons given.")
	f.Add("lessons", "subject", "\xff", "s", "\xff")
	f.Add("lessons_total", "le", "1", "By", "\\\n\"")
	f.Add("lessons.moved", "quantile", "\x00\r\u2028", "%", "\x00")
	f.Add("", "", "", "", "")
	f.Add("x_lessons", "__name__", "x_lessons_total", "1", "# EOF\n")
	f.Add("수업", "日本", strings.Repeat("한", 100), "일", "한")
	f.Add("target_info", "job", "x", "", "x")
	f.Fuzz(func(t *testing.T, name, label, value, unit, help string) {
		c := telemetry.DefaultConfig()
		c.Service = telemetry.Service{Name: "scrape", Version: "1"}
		tel, err := telemetry.New(t.Context(), c, telemetry.WithLogWriter(io.Discard))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tel.Shutdown(context.Background()) }()
		taken := ""
		for _, text := range []string{help, "A counter."} {
			lessons, err := catalog.NewCounterBy(tel.Meter(), "good_total", text, catalog.Enum[subject]("subject", value, "good"))
			if err != nil {
				continue
			}
			lessons.AddN(t.Context(), 3, 0)
			taken = value
			break
		}
		tel.Bookings.Add(t.Context(), catalog.BookingPending)
		set := metric.WithAttributes(attribute.String(label, value))
		for _, scope := range []string{"one", "two"} {
			meter := tel.MeterProvider().Meter(scope, metric.WithInstrumentationVersion(value))
			counter, _ := meter.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(help))
			counter.Add(t.Context(), 1, set)
			histogram, _ := meter.Float64Histogram(name+"_x", metric.WithUnit(unit), metric.WithDescription(help))
			histogram.Record(t.Context(), 1, set)
			gauge, _ := meter.Float64Gauge(name+"_y", metric.WithUnit(unit), metric.WithDescription(help))
			gauge.Record(t.Context(), 1, set)
		}
		for _, accept := range []string{
			"text/plain", "application/openmetrics-text;version=1.0.0",
			"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
			"text/plain;version=1.0.0;escaping=allow-utf-8", "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8",
		} {
			if got := prometheusReads(t, tel.MetricsHandler(), accept, catalog.Bookings, "status"); got["pending"] != 1 {
				t.Errorf("the bookings are %v as %s", got, accept)
			}
			if got := prometheusReads(t, tel.MetricsHandler(), accept, "good_total", "subject"); taken != "" && got[taken] != 3 {
				t.Errorf("the lessons of %q are %v as %s", taken, got, accept)
			}
		}
	})
}
