package catalog_test

import (
	"fmt"
	"net/http/httptest"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/exemplar"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/prometheus"
	"github.com/tutorflow/observability/telemetry/catalog"
)

// instruments are one of each kind, for the tests of what recording costs.
type instruments struct {
	plain     *catalog.Counter
	by        *catalog.CounterBy[subject]
	by2       *catalog.CounterBy2[subject, level]
	gauge     *catalog.Gauge
	gaugeBy   *catalog.GaugeBy[subject]
	histogram *catalog.Histogram
	sizes     *catalog.HistogramBy[subject]
	endpoint  *catalog.Endpoint
	http      *catalog.HTTP
	external  *catalog.ExternalServices
}

func newInstruments(tb testing.TB) instruments {
	p := newPipeline(tb)
	var i instruments
	i.plain = must[*catalog.Counter](tb)(catalog.NewCounter(p.Meter, "x_plain_total", "A counter."))
	i.by = must[*catalog.CounterBy[subject]](tb)(catalog.NewCounterBy(p.Meter, "x_by_total", "A counter.", subjects()))
	i.by2 = must[*catalog.CounterBy2[subject, level]](tb)(catalog.NewCounterBy2(p.Meter, "x_by_two_total", "A counter.", subjects(), levels()))
	i.gauge = must[*catalog.Gauge](tb)(catalog.NewGauge(p.Meter, "x_gauge", "A gauge."))
	i.gaugeBy = must[*catalog.GaugeBy[subject]](tb)(catalog.NewGaugeBy(p.Meter, "x_gauge_by", "A gauge.", subjects()))
	i.histogram = must[*catalog.Histogram](tb)(catalog.NewHistogram(p.Meter, "x_wait_seconds", "A histogram.", []float64{1, 2}))
	i.sizes = must[*catalog.HistogramBy[subject]](tb)(catalog.NewHistogramBy(p.Meter, "x_size_bytes", "A histogram.", []float64{1, 2}, subjects()))
	i.http = must[*catalog.HTTP](tb)(p.HTTP())
	i.endpoint = i.http.Declare("GET /bookings/{id}")
	i.external = must[*catalog.ExternalServices](tb)(p.ExternalServices(catalog.TutorFlowServices()...))
	return i
}

func TestRecordingAllocatesNothing(t *testing.T) {
	i, ctx := newInstruments(t), t.Context()
	for name, record := range map[string]func(){
		"Counter.Add":              func() { i.plain.Add(ctx) },
		"Counter.AddN":             func() { i.plain.AddN(ctx, 2) },
		"CounterBy.Add":            func() { i.by.Add(ctx, physics) },
		"CounterBy.Add overflow":   func() { i.by.Add(ctx, 7) },
		"CounterBy2.Add":           func() { i.by2.Add(ctx, physics, advanced) },
		"Gauge.Set":                func() { i.gauge.Set(ctx, 1.5) },
		"GaugeBy.Set":              func() { i.gaugeBy.Set(ctx, 1.5, physics) },
		"Histogram.Record":         func() { i.histogram.Record(ctx, 1.5) },
		"HistogramBy.Record":       func() { i.sizes.Record(ctx, 1.5, physics) },
		"HTTP.Endpoint":            func() { i.http.Endpoint("/bookings/{id}") },
		"Endpoint.Count":           func() { i.endpoint.Count(get(), 200) },
		"Endpoint.Count unknown":   func() { i.endpoint.Count(catalog.ParseMethod("BREW"), 42) },
		"Endpoint.Observe":         func() { i.endpoint.Observe(ctx, get(), 0.2) },
		"Endpoint.Error":           func() { i.endpoint.Error(catalog.ErrorPanic) },
		"ExternalServices.Record":  func() { i.external.Record(ctx, "toss_payments", "confirm", catalog.CallSuccess, time.Second) },
		"ExternalServices unknown": func() { i.external.Record(ctx, "x", "y", catalog.CallSuccess, time.Second) },
	} {
		if n := testing.AllocsPerRun(100, record); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

// TestHistogramSeriesIsSmall holds a series of a histogram without exemplars,
// the SDK's part and ours, to 900 bytes.
func TestHistogramSeriesIsSmall(t *testing.T) {
	const series = 4000
	p := newPipeline(t)
	values := make([]string, series)
	for i := range values {
		values[i] = strconv.Itoa(i)
	}
	d, _ := catalog.Lookup(catalog.HTTPRequestDuration)
	before := heap()
	h := must[*catalog.HistogramBy[subject]](t)(catalog.NewHistogramBy(p.Meter, "x_wait_seconds", "A histogram.", d.Buckets, catalog.Enum[subject]("subject", values...)))
	for i := range values {
		h.Record(t.Context(), 0.2, subject(i))
	}
	perSeries := (heap() - before) / series
	runtime.KeepAlive(values)
	runtime.KeepAlive(p)
	t.Logf("%d bytes", perSeries)
	if perSeries < 100 || perSeries > 900 {
		t.Errorf("a series takes %d bytes, want 100 to 900", perSeries)
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// BenchmarkCounterBy has the bar of 2.5 times Atomic.
func BenchmarkCounterBy(b *testing.B) {
	i, ctx := newInstruments(b), b.Context()
	b.ReportAllocs()
	for b.Loop() {
		i.by.Add(ctx, physics)
	}
}

func BenchmarkAtomic(b *testing.B) {
	n := new(atomic.Int64)
	for b.Loop() {
		n.Add(1)
	}
}

func BenchmarkEndpointCount(b *testing.B) {
	i := newInstruments(b)
	b.ReportAllocs()
	for b.Loop() {
		i.endpoint.Count(get(), 200)
	}
}

func BenchmarkHistogramRecord(b *testing.B) {
	i, ctx := newInstruments(b), b.Context()
	b.ReportAllocs()
	for b.Loop() {
		i.histogram.Record(ctx, 0.2)
	}
}

const scraped = 10_000

// BenchmarkScrape has the bar of 1.1 times ScrapePlain.
func BenchmarkScrape(b *testing.B) {
	p := newPipeline(b)
	by2 := must[*catalog.CounterBy2[subject, level]](b)(catalog.NewCounterBy2(p.Meter, "x_by_two_total", "A counter.",
		catalog.Enum[subject]("subject", numbers(100)...), catalog.Enum[level]("level", numbers(scraped/100)...)))
	by2.Add(b.Context(), 1, 1)
	b.ReportAllocs()
	for b.Loop() {
		scrapeOnce(b, p)
	}
}

// BenchmarkScrapePlain is the same with counters of OpenTelemetry.
func BenchmarkScrapePlain(b *testing.B) {
	exporter := must[*exporters.MetricExporter](b)(prometheus.New().Metrics(b.Context(), exporters.Settings{}))
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter.Reader),
		sdkmetric.WithCardinalityLimit(catalog.MaxSeries+1), sdkmetric.WithExemplarFilter(exemplar.AlwaysOffFilter))
	c := must[metric.Int64Counter](b)(provider.Meter("test").Int64Counter("x_by_two_total"))
	for _, s := range numbers(100) {
		for _, l := range numbers(scraped / 100) {
			c.Add(b.Context(), 1, metric.WithAttributes(attribute.String("subject", s), attribute.String("level", l)))
		}
	}
	p := &pipeline{handler: exporter.Handler}
	b.ReportAllocs()
	for b.Loop() {
		scrapeOnce(b, p)
	}
}

func scrapeOnce(b *testing.B, p *pipeline) {
	response := httptest.NewRecorder()
	p.handler.ServeHTTP(response, httptest.NewRequest("GET", "/metrics", nil))
	if response.Body.Len() < 100*1024 {
		b.Fatalf("the scrape has %d bytes", response.Body.Len())
	}
}

func numbers(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprint(i)
	}
	return all
}
