package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/telemetrytest"
)

// both is a service that is scraped and pushes to exporter.
func both(t *testing.T, exporter *fakeExporter) *telemetrytest.Recorder {
	t.Helper()
	return telemetrytest.New(t, telemetry.WithExporters(pushTo(exporter)),
		telemetry.WithConfig(func(c *telemetry.Config) { c.Metrics.Exporters = []string{"prometheus", "fake"} }))
}

// observe makes a gauge x_NAME in a scope called NAME, with a callback that
// observes 1 and then ends as end does.
func observe(t *testing.T, p metric.MeterProvider, name string, end func() error) {
	t.Helper()
	_, err := p.Meter(name).Int64ObservableGauge("x_"+name, metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
		o.Observe(1)
		return end()
	}))
	if err != nil {
		t.Fatal(err)
	}
}

// values are those of the last export, by metric and, for failures, source.
func (f *fakeExporter) values() map[string]int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	values := make(map[string]int64)
	add := func(name string, points []metricdata.DataPoint[int64]) {
		for _, p := range points {
			if source, ok := p.Attributes.Value("source"); ok {
				name = source.AsString()
			}
			values[name] = p.Value
		}
	}
	for _, s := range f.last.ScopeMetrics {
		for _, m := range s.Metrics {
			switch d := m.Data.(type) {
			case metricdata.Gauge[int64]:
				add(m.Name, d.DataPoints)
			case metricdata.Sum[int64]:
				add(m.Name, d.DataPoints)
			}
		}
	}
	return values
}

func TestFailingCallbacksCostTheirOwnSeriesWithEveryReader(t *testing.T) {
	exporter, release := &fakeExporter{}, make(chan struct{})
	r := both(t, exporter)
	ends := map[string]func() error{
		"ok":    func() error { return nil },
		"error": func() error { return errors.New("postgres://tutor:hunter2@db/tutorflow") },
		"panic": func() error { panic("password=hunter2") },
		"hang":  func() error { <-release; return nil },
	}
	for name, end := range ends {
		observe(t, r.MeterProvider(), name, end)
	}
	const scrapes = 5
	for range scrapes {
		text := get(t, r.MetricsHandler(), "/metrics").Body.String()
		for _, secret := range []string{"hunter2", ".go:", "goroutine ", "x_error", "x_panic", "x_hang"} {
			if strings.Contains(text, secret) {
				t.Errorf("the scrape shows %q", secret)
			}
		}
		for _, want := range []string{"\nx_ok 1\n", "\ntutorflow_reviews_total 0\n", "\ngo_goroutines "} {
			if !strings.Contains(text, want) {
				t.Errorf("the scrape does not show %q", want)
			}
		}
	}
	if err := r.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	values := exporter.values()
	for name := range ends {
		want := int64(scrapes) // the last collection reads the failures before its own
		if name == "ok" {
			want = 0
		}
		if got := values["scope:"+name]; got != want {
			t.Errorf("%d failures of %s, want %d", got, name, want)
		}
		if _, exported := values["x_"+name]; exported != (name == "ok") {
			t.Errorf("x_%s is exported: %v", name, exported)
		}
	}
	logs := fmt.Sprint(r.Logs())
	for _, want := range []string{
		"read metric x_error of scope error: an error of type", "read metric x_panic of scope panic: panic with a string",
		"read metric x_hang of scope hang: it took too long",
	} {
		if !strings.Contains(logs, want) {
			t.Errorf("the log has no %q", want)
		}
	}
	if strings.Contains(logs, "hunter2") || strings.Count(logs, "read metric x_panic") != 1 {
		t.Errorf("the log is %s", logs)
	}
	close(release)
}

func TestHungSourcesLeaveScrapesAndGoroutinesAlone(t *testing.T) {
	r, release := telemetrytest.New(t), make(chan struct{})
	defer close(release)
	observe(t, r.MeterProvider(), "hang", func() error { <-release; return nil })
	if _, err := r.ObserveHealth(hungChecks{release}); err != nil {
		t.Fatal(err)
	}
	before := runtime.NumGoroutine()
	var all sync.WaitGroup
	for range 20 { // as many as are let in
		all.Go(func() {
			if code := get(t, r.MetricsHandler(), "/metrics").Code; code != http.StatusOK {
				t.Errorf("one of the first scrapes: status %d", code)
			}
		})
	}
	all.Wait()
	start := time.Now()
	for range 50 {
		if code := get(t, r.MetricsHandler(), "/metrics").Code; code != http.StatusOK {
			t.Errorf("a scrape: status %d", code)
		}
	}
	if took := time.Since(start); took > 25*time.Second { // of 50 s, were each to wait
		t.Errorf("50 scrapes took %v", took)
	}
	const most = 10 // two hang, and others may come and go; of the scrapes there were 70
	for range 100 { // those of the scrapes may still be about to end
		if runtime.NumGoroutine() <= before+most {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if got := runtime.NumGoroutine() - before; got > most {
		t.Errorf("%d goroutines stay, 2 hang", got)
	}
	observe(t, r.MeterProvider(), "new", func() error { return nil })
	r.WantValue("x_new", "1")
}

type hungChecks struct{ release chan struct{} }

func (h hungChecks) EachCheck(func(string, bool, float64)) { <-h.release }

func TestShutdownReturnsByItsDeadlineWhenCallbacksHang(t *testing.T) {
	exporter, release := &fakeExporter{}, make(chan struct{})
	defer close(release)
	tel, err := telemetry.New(t.Context(), pushing(config(), "fake"), discard, telemetry.WithExporters(pushTo(exporter)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 50 { // which would take close to 6 s
		observe(t, tel.MeterProvider(), fmt.Sprint("hang", i), func() error { <-release; return nil })
	}
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	start := time.Now()
	err = tel.Shutdown(ctx)
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("Shutdown took %v, its deadline was 500ms", took)
	}
	if err == nil || !strings.Contains(err.Error(), "shut down metrics: ") {
		t.Errorf("Shutdown: %v, want an error that names the metrics", err)
	}
}

// earlyProgram makes instruments before Init, as libraries do in variables of
// their packages, and prints a scrape to stderr.
func earlyProgram() int {
	ctx, early := context.Background(), otel.Meter("early")
	gauge, gaugeErr := early.Int64ObservableGauge("x_early")
	_, registerErr := early.RegisterCallback(func(context.Context, metric.Observer) error { panic("early") }, gauge)
	ok, okErr := early.Int64ObservableGauge("x_ok")
	_, registerOKErr := early.RegisterCallback(func(_ context.Context, o metric.Observer) error { o.ObserveInt64(ok, 7); return nil }, ok)
	counter, counterErr := early.Int64Counter("x_early_total")
	tel, err := telemetry.Init(ctx, telemetry.Service{Name: "test"})
	if err := errors.Join(gaugeErr, registerErr, okErr, registerOKErr, counterErr, err); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	counter.Add(ctx, 1)
	counter.Add(ctx, -7)
	for range 2 {
		response := httptest.NewRecorder()
		tel.MetricsHandler().ServeHTTP(response, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		fmt.Fprintln(os.Stderr, response.Body)
	}
	if err := tel.Shutdown(ctx); err != nil {
		return 1
	}
	return 0
}

func TestInstrumentsMadeBeforeInitAreGuarded(t *testing.T) {
	var text bytes.Buffer
	command := exec.Command(os.Args[0])
	command.Env, command.Stderr = append(os.Environ(), "TELEMETRY_TEST_PROGRAM=early"), &text
	if err := command.Run(); err != nil {
		t.Errorf("the process ended with %v: %s", err, text.String())
	}
	for _, want := range []string{
		"\nx_ok 7\n", "\nx_early_total 1\n", "\n" + catalog.TelemetryCallbackFailures + `{source="scope:early"} 1` + "\n",
		"\n" + `tutorflow_telemetry_dropped_total{exporter="sdk",reason="invalid_value",signal="metrics"} 1` + "\n",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the scrape does not show %q", want)
		}
	}
}

func TestInstrumentWithTooManySeriesIsNamedInAMetricAndOneLine(t *testing.T) {
	exporter := &fakeExporter{}
	r := both(t, exporter)
	counter, err := r.MeterProvider().Meter("flood").Int64Counter("x.flood")
	if err != nil {
		t.Fatal(err)
	}
	for i := range catalog.MaxSeries + 500 {
		counter.Add(t.Context(), 1, metric.WithAttributes(attribute.Int("id", i)))
	}
	const overflow = catalog.TelemetryLabelOverflow + `{metric="x_flood_total"}`
	for range 2 {
		if got, ok := r.Value(`x_flood_total{otel_metric_overflow="true"}`); got != "500" {
			t.Errorf("%s are in the overflow, there is one: %v", got, ok)
		}
	}
	r.WantValue(overflow, "2")
	if err := r.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if logs := fmt.Sprint(r.Logs()); strings.Count(logs, "label overflow of metric x_flood_total") != 1 {
		t.Error("it is not told of once")
	}
}
