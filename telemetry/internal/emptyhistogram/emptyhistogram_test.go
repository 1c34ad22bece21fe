package emptyhistogram_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/goleak"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/prometheus"
	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/internal/emptyhistogram"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// late is a producer that a reader gets before there is a meter.
type late struct{ *emptyhistogram.Producer }

// hooked is a meter whose histograms call before and after around each value.
type hooked struct {
	metric.Meter
	before, after func()
}

type hookedHistogram struct {
	metric.Float64Histogram
	meter *hooked
}

func (h *hooked) Float64Histogram(name string, options ...metric.Float64HistogramOption) (metric.Float64Histogram, error) {
	histogram, err := h.Meter.Float64Histogram(name, options...)
	return hookedHistogram{histogram, h}, err
}

func (h hookedHistogram) Record(ctx context.Context, v float64, options ...metric.RecordOption) {
	h.meter.before()
	h.Float64Histogram.Record(ctx, v, options...)
	h.meter.after()
}

type key int

const series = 200

// open returns a histogram with many series and what scrapes it.
func open(t *testing.T) (h *catalog.HistogramBy[key], meter *hooked, scrape func() string) {
	t.Helper()
	var producer late
	exporter, err := prometheus.New().Metrics(t.Context(), exporters.Settings{
		Producers: []sdkmetric.Producer{&producer},
		Failed:    func(err error) { t.Errorf("scrape: %v", err) },
	})
	if err != nil {
		t.Fatal(err)
	}
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter.Reader))
	meter = &hooked{provider.Meter("scope"), func() {}, func() {}}
	m, err := catalog.NewMeter(meter)
	if err != nil {
		t.Fatal(err)
	}
	producer.Producer = emptyhistogram.New(m, "scope")
	values := make([]string, series)
	for i := range values {
		values[i] = fmt.Sprint(i)
	}
	h, err = catalog.NewHistogramBy(m, "x_wait_seconds", "A histogram.", []float64{0.1, 1}, catalog.Enum[key]("key", values...))
	if err != nil {
		t.Fatal(err)
	}
	return h, meter, func() string {
		response := httptest.NewRecorder()
		exporter.Handler.ServeHTTP(response, httptest.NewRequest("GET", "/metrics", nil))
		return response.Body.String()
	}
}

// count is how often line is in text.
func count(text, line string) int { return strings.Count("\n"+text, "\n"+line) }

func TestSeriesIsAtZeroBeforeItsFirstValue(t *testing.T) {
	h, _, scrape := open(t)
	want := `x_wait_seconds_bucket{key="7",le="0.1"} %d
x_wait_seconds_bucket{key="7",le="1"} %d
x_wait_seconds_bucket{key="7",le="+Inf"} %d
x_wait_seconds_sum{key="7"} %v
x_wait_seconds_count{key="7"} %d
`
	text := scrape()
	if !strings.Contains(text, fmt.Sprintf(want, 0, 0, 0, 0, 0)) || count(text, "x_wait_seconds_count") != series {
		t.Errorf("the first scrape has %d series:\n%s", count(text, "x_wait_seconds_count"), text)
	}
	h.Record(t.Context(), 0.5, 7)
	text = scrape()
	if !strings.Contains(text, fmt.Sprintf(want, 0, 1, 1, 0.5, 1)) || count(text, "x_wait_seconds_count") != series {
		t.Errorf("after a value the scrape has %d series:\n%s", count(text, "x_wait_seconds_count"), text)
	}
}

// TestSeriesIsNeverTwiceOnOneScrape scrapes in the middle of the first value.
func TestSeriesIsNeverTwiceOnOneScrape(t *testing.T) {
	h, meter, scrape := open(t)
	check := func(when string) func() {
		return func() {
			text := scrape()
			if n := count(text, `x_wait_seconds_count{key="3"}`); n > 1 {
				t.Errorf("%s, the series is there %d times", when, n)
			}
			if strings.Contains(text, `promhttp_metric_handler_errors_total{cause="gathering"} 1`) {
				t.Errorf("%s, the scrape has an error", when)
			}
		}
	}
	meter.before, meter.after = check("before the value is in"), check("right after the value is in")
	h.Record(t.Context(), 1, 3)
	meter.before, meter.after = func() {}, func() {}
	scrape()
	if text := scrape(); count(text, `promhttp_metric_handler_errors_total{cause="gathering"} 0`) != 1 {
		t.Error("a scrape had an error")
	}
}

func TestScrapesDuringFirstValuesAreConcurrentSafe(t *testing.T) {
	h, _, scrape := open(t)
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			for i := range series {
				h.Record(context.Background(), 0.2, key(i))
			}
		})
		all.Go(func() {
			for range 10 {
				scrape()
			}
		})
	}
	all.Wait()
	text := scrape()
	if count(text, "x_wait_seconds_count") != series || strings.Count(text, `"} 2`+"\n") < series {
		t.Errorf("the last scrape has %d series:\n%s", count(text, "x_wait_seconds_count"), text)
	}
	for _, cause := range []string{"gathering", "encoding"} {
		if count(text, `promhttp_metric_handler_errors_total{cause="`+cause+`"} 0`) != 1 {
			t.Errorf("there were errors while %s", cause)
		}
	}
}

func TestPointsAreCumulativeSinceTheStart(t *testing.T) {
	provider := sdkmetric.NewMeterProvider()
	m, err := catalog.NewMeter(provider.Meter("scope"))
	if err != nil {
		t.Fatal(err)
	}
	before := time.Now()
	producer := emptyhistogram.New(m, "scope")
	if got, err := producer.Produce(t.Context()); err != nil || got != nil {
		t.Errorf("a meter without histograms gives %v, %v", got, err)
	}
	if _, err := catalog.NewHistogram(m, "x_wait_seconds", "A histogram.", []float64{1, 2}); err != nil {
		t.Fatal(err)
	}
	got, err := producer.Produce(t.Context())
	if err != nil || len(got) != 1 || len(got[0].Metrics) != 1 || got[0].Scope.Name != "scope" {
		t.Fatalf("produced %v, %v", got, err)
	}
	one := got[0].Metrics[0]
	data, ok := one.Data.(metricdata.Histogram[float64])
	if !ok || one.Unit != "s" || data.Temporality != metricdata.CumulativeTemporality || len(data.DataPoints) != 1 {
		t.Fatalf("produced %v", one)
	}
	point := data.DataPoints[0]
	if point.StartTime.Before(before) || point.Time.Before(point.StartTime) || len(point.BucketCounts) != len(point.Bounds)+1 {
		t.Errorf("the point is %v", point)
	}
}
