package guard_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.uber.org/goleak"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/prometheus"
	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/internal/guard"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// service is a guarded provider with the scrape of a service.
type service struct {
	*guard.MeterProvider
	sdk     *sdkmetric.MeterProvider
	handler http.Handler

	mu   sync.Mutex
	told []string
}

func newService(tb testing.TB) *service {
	tb.Helper()
	exporter := must[*exporters.MetricExporter](tb)(prometheus.New().Metrics(tb.Context(), exporters.Settings{
		Failed: func(err error) { tb.Errorf("scrape: %v", err) },
	}))
	s := &service{handler: exporter.Handler}
	s.sdk = sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter.Reader), sdkmetric.WithCardinalityLimit(catalog.MaxSeries+1))
	tb.Cleanup(func() {
		if err := s.sdk.Shutdown(context.Background()); err != nil && !errors.Is(err, sdkmetric.ErrReaderShutdown) {
			tb.Error(err)
		}
	})
	meter := must[*catalog.Meter](tb)(catalog.NewMeter(s.sdk.Meter("own")))
	meter.OnError(func(err error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.told = append(s.told, err.Error())
	})
	self := must[*catalog.Self](tb)(meter.Self())
	s.MeterProvider = guard.New(s.sdk, meter, self.Dropped("sdk", "metrics", "invalid_value"))
	return s
}

func (s *service) scrape() *httptest.ResponseRecorder {
	response := httptest.NewRecorder()
	s.handler.ServeHTTP(response, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return response
}

// series are the scraped values of the series whose names begin with prefix.
func (s *service) series(tb testing.TB, prefix string) map[string]string {
	tb.Helper()
	response := s.scrape()
	if response.Code != http.StatusOK {
		tb.Fatalf("scrape: status %d: %s", response.Code, response.Body)
	}
	found := make(map[string]string)
	for line := range strings.Lines(response.Body.String()) {
		if strings.HasPrefix(line, prefix) {
			at := strings.LastIndexByte(line, ' ')
			found[line[:at]] = strings.TrimSpace(line[at:])
		}
	}
	return found
}

// want compares the series of prefix with lines, each "series value".
func (s *service) want(tb testing.TB, prefix string, lines ...string) {
	tb.Helper()
	got := s.series(tb, prefix)
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

const (
	failures = catalog.TelemetryCallbackFailures
	invalid  = `tutorflow_telemetry_dropped_total{exporter="sdk",reason="invalid_value",signal="metrics"}`
)

// observe makes a gauge with a callback.
func observe(tb testing.TB, m metric.Meter, name string, callback metric.Int64Callback) metric.Int64ObservableGauge {
	tb.Helper()
	return must[metric.Int64ObservableGauge](tb)(m.Int64ObservableGauge(name, metric.WithInt64Callback(callback)))
}

// one observes 1.
func one(_ context.Context, o metric.Int64Observer) error {
	o.Observe(1)
	return nil
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
