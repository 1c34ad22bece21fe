package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/catalog"
)

func benchmarkTypedCounter(b *testing.B) {
	tel := start(func(*telemetry.Config) {})
	defer func() { _ = tel.Shutdown(context.Background()) }()
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		tel.Bookings.Add(ctx, catalog.BookingApproved)
	}
}

func benchmarkAtomic(b *testing.B) {
	var n atomic.Int64
	b.ReportAllocs()
	for b.Loop() {
		n.Add(1)
	}
}

const series = 10_000

// sdkSeries is a scrape of a counter of the SDK with 10 000 series.
func sdkSeries() http.Handler {
	tel := start(func(*telemetry.Config) {})
	values := make([]string, series)
	for i := range values {
		values[i] = "value-" + strconv.Itoa(i)
	}
	if _, err := catalog.NewCounterBy(tel.Meter(), "bars_events_total", "Events.", catalog.Enum[int]("kind", values...)); err != nil {
		panic(err)
	}
	return tel.MetricsHandler()
}

// plainSeries is a scrape of a plain OpenTelemetry counter with 10 000 series.
func plainSeries() http.Handler {
	registry := prometheus.NewRegistry()
	exporter, err := otelprometheus.New(otelprometheus.WithRegisterer(registry))
	if err != nil {
		panic(err)
	}
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter), sdkmetric.WithCardinalityLimit(0))
	counter, err := provider.Meter("bars").Int64Counter("bars_events_total")
	if err != nil {
		panic(err)
	}
	for i := range series {
		counter.Add(context.Background(), 1, metric.WithAttributes(attribute.String("kind", "value-"+strconv.Itoa(i))))
	}
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

func benchmarkScrape(handler http.Handler) func(*testing.B) {
	return func(b *testing.B) {
		request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		for b.Loop() {
			response := httptest.NewRecorder()
			handler.ServeHTTP(response, request)
			if response.Code != http.StatusOK || response.Body.Len() < series*20 {
				b.Fatalf("status %d, %d bytes", response.Code, response.Body.Len())
			}
		}
	}
}

// measureHistogramMemory holds what one more series of a histogram costs.
func measureHistogramMemory() bool {
	const most = 900
	tel := start(func(*telemetry.Config) {})
	values := make([]string, series)
	for i := range values {
		values[i] = "value-" + strconv.Itoa(i)
	}
	definition, _ := catalog.Lookup(catalog.HTTPRequestDuration)
	histogram, err := catalog.NewHistogramBy(tel.Meter(), "bars_duration_seconds", "Durations.", definition.Buckets, catalog.Enum[int]("kind", values...))
	if err != nil {
		panic(err)
	}
	before := heap()
	for i := range series {
		histogram.Record(context.Background(), 0.1, i)
	}
	each := float64(heap()-before) / series
	runtime.KeepAlive(tel)
	verdict(each <= most, "%-48s %6.0f bytes (bar %d)", "a histogram series in memory", each, most)
	return each <= most
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// measureStart holds how long a start takes.
func measureStart() bool {
	const most = 20 * time.Millisecond
	var took []float64
	for range 20 {
		begin := time.Now()
		tel := start(func(*telemetry.Config) {})
		took = append(took, float64(time.Since(begin)))
		if err := tel.Shutdown(context.Background()); err != nil {
			fmt.Println(err)
			return false
		}
	}
	each := time.Duration(median(took))
	verdict(each <= most, "%-48s %6.2f ms (bar %d)", "start", each.Seconds()*1000, most.Milliseconds())
	return each <= most
}
