package catalog_test

import (
	"context"
	"flag"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/exemplar"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/goleak"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/prometheus"
	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/internal/emptyhistogram"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pipeline is a meter with the SDK and the Prometheus exporter that a service
// has.
type pipeline struct {
	*catalog.Meter
	handler http.Handler
}

// zeros is a producer of a meter that is made after its reader.
type zeros struct{ producer sdkmetric.Producer }

func (z *zeros) Produce(ctx context.Context) ([]metricdata.ScopeMetrics, error) {
	if z.producer == nil {
		return nil, nil
	}
	return z.producer.Produce(ctx)
}

func newPipeline(tb testing.TB) *pipeline {
	tb.Helper()
	return newPipelineOver(tb, func(m metric.Meter) metric.Meter { return m })
}

// newPipelineOver has wrap between the SDK and the catalogue.
func newPipelineOver(tb testing.TB, wrap func(metric.Meter) metric.Meter) *pipeline {
	tb.Helper()
	var late zeros
	exporter, err := prometheus.New().Metrics(tb.Context(), exporters.Settings{
		Producers: []sdkmetric.Producer{&late},
		Failed:    func(err error) { tb.Errorf("scrape: %v", err) },
	})
	if err != nil {
		tb.Fatal(err)
	}
	provider := sdkmetric.NewMeterProvider(
		sdkmetric.WithReader(exporter.Reader),
		sdkmetric.WithCardinalityLimit(catalog.MaxSeries+1),
		sdkmetric.WithExemplarFilter(exemplar.AlwaysOffFilter),
	)
	tb.Cleanup(func() {
		if err := provider.Shutdown(context.Background()); err != nil {
			tb.Error(err)
		}
	})
	p := &pipeline{handler: exporter.Handler}
	if p.Meter, err = catalog.NewMeter(wrap(provider.Meter("test"))); err != nil {
		tb.Fatal(err)
	}
	late.producer = emptyhistogram.New(p.Meter, "test")
	return p
}

// text is the scrape, in the text format or that which accept asks for.
func (p *pipeline) text(tb testing.TB, accept string) string {
	tb.Helper()
	request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	request.Header.Set("Accept", accept)
	response := httptest.NewRecorder()
	p.handler.ServeHTTP(response, request)
	if response.Code != http.StatusOK {
		tb.Fatalf("scrape: status %d: %s", response.Code, response.Body)
	}
	return response.Body.String()
}

// series are the scraped values of the series whose names begin with prefix.
func (p *pipeline) series(tb testing.TB, prefix string) map[string]string {
	tb.Helper()
	return series(p.text(tb, "text/plain"), prefix)
}

func series(text, prefix string) map[string]string {
	found := make(map[string]string)
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, prefix) {
			at := strings.LastIndexByte(line, ' ')
			found[line[:at]] = strings.TrimSpace(line[at:])
		}
	}
	return found
}

// want compares the series of prefix with lines, each "series value".
func (p *pipeline) want(tb testing.TB, prefix string, lines ...string) {
	tb.Helper()
	got := p.series(tb, prefix)
	var all []string
	for _, name := range slices.Sorted(maps.Keys(got)) {
		all = append(all, name+" "+got[name])
	}
	slices.Sort(lines)
	slices.Sort(all)
	if diff := cmp.Diff(lines, all); diff != "" {
		tb.Errorf("series of %s differ (-want +got):\n%s", prefix, diff)
	}
}

// wantValue compares one series.
func (p *pipeline) wantValue(tb testing.TB, series, want string) {
	tb.Helper()
	if got, ok := p.series(tb, series)[series]; !ok || got != want {
		tb.Errorf("%s is %q, want %q", series, got, want)
	}
}

const overflow = catalog.TelemetryLabelOverflow

const invalidValues = `tutorflow_telemetry_dropped_total{exporter="sdk",reason="invalid_value",signal="metrics"}`

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

func must[T any](tb testing.TB) func(T, error) T {
	return func(v T, err error) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}
