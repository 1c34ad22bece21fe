package export_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/telemetry/internal/export"
)

// partsDestination keeps all exports.
type partsDestination struct {
	metricDestination
	mu   sync.Mutex
	all  []*metricdata.ResourceMetrics
	fail func(n int) error
}

func (d *partsDestination) Export(_ context.Context, data *metricdata.ResourceMetrics) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = append(d.all, data)
	if d.fail != nil {
		return d.fail(len(d.all))
	}
	return nil
}

// exportOnce has a reader export scopes to d.
func exportOnce(t *testing.T, d sdkmetric.Exporter, r *resource.Resource, scopes []metricdata.ScopeMetrics) (*ledger, error) {
	t.Helper()
	l := newLedger(t, exporters.Metrics)
	reading := reading()
	reading.Producers = []sdkmetric.Producer{produce(func() ([]metricdata.ScopeMetrics, error) { return scopes, nil })}
	reader := export.NewReader(d, reading, l.Report)
	_ = sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithResource(r))
	return l, reader.Shutdown(t.Context())
}

// repeated are n points that differ, each with about 1 kB of attributes.
func repeated[P any](n int, point func(set attribute.Set, i int) P) (points []P) {
	for i := range n {
		points = append(points, point(attribute.NewSet(attribute.Int("i", i), attribute.String("long", strings.Repeat("x", 1000))), i))
	}
	return points
}

func scalarOf[N int64 | float64](set attribute.Set, i int) metricdata.DataPoint[N] {
	return metricdata.DataPoint[N]{Attributes: set, Value: N(i)}
}

func histogramOf[N int64 | float64](set attribute.Set, i int) metricdata.HistogramDataPoint[N] {
	return metricdata.HistogramDataPoint[N]{Attributes: set, Count: uint64(i), Bounds: make([]float64, 10), BucketCounts: make([]uint64, 11)}
}

func exponentialOf[N int64 | float64](set attribute.Set, i int) metricdata.ExponentialHistogramDataPoint[N] {
	return metricdata.ExponentialHistogramDataPoint[N]{Attributes: set, Count: uint64(i), PositiveBucket: metricdata.ExponentialBucket{Counts: make([]uint64, 160)}}
}

// large are metrics of every kind with 5000 points of more than 1 kB each.
func large() map[string]metricdata.Aggregation {
	const n, cumulative = 5000, metricdata.CumulativeTemporality
	return map[string]metricdata.Aggregation{
		"gauge of integers":                 metricdata.Gauge[int64]{DataPoints: repeated(n, scalarOf[int64])},
		"gauge of floats":                   metricdata.Gauge[float64]{DataPoints: repeated(n, scalarOf[float64])},
		"sum of integers":                   metricdata.Sum[int64]{Temporality: cumulative, IsMonotonic: true, DataPoints: repeated(n, scalarOf[int64])},
		"sum of floats":                     metricdata.Sum[float64]{Temporality: cumulative, IsMonotonic: true, DataPoints: repeated(n, scalarOf[float64])},
		"histogram of integers":             metricdata.Histogram[int64]{Temporality: cumulative, DataPoints: repeated(n, histogramOf[int64])},
		"histogram of floats":               metricdata.Histogram[float64]{Temporality: cumulative, DataPoints: repeated(n, histogramOf[float64])},
		"exponential histogram of integers": metricdata.ExponentialHistogram[int64]{Temporality: cumulative, DataPoints: repeated(n, exponentialOf[int64])},
		"exponential histogram of floats":   metricdata.ExponentialHistogram[float64]{Temporality: cumulative, DataPoints: repeated(n, exponentialOf[float64])},
		"summary": metricdata.Summary{DataPoints: repeated(n, func(set attribute.Set, i int) metricdata.SummaryDataPoint {
			return metricdata.SummaryDataPoint{Attributes: set, Count: uint64(i), QuantileValues: make([]metricdata.QuantileValue, 5)}
		})},
	}
}

// same is a metric that fits into every part.
func same(name string) metricdata.Metrics {
	return metricdata.Metrics{Name: name, Data: metricdata.Gauge[int64]{DataPoints: make([]metricdata.DataPoint[int64], 1)}}
}

func TestPartsOfAMetricAreThatMetricWithEachPointOnce(t *testing.T) {
	of := resource.NewSchemaless(attribute.String("service.name", "test"))
	for name, data := range large() {
		t.Run(name, func(t *testing.T) {
			scopes := []metricdata.ScopeMetrics{
				{Scope: instrumentation.Scope{Name: "one", Version: "1"}, Metrics: []metricdata.Metrics{same("first"), {Name: "large", Description: "d", Unit: "u", Data: data}}},
				{Scope: instrumentation.Scope{Name: "two"}, Metrics: []metricdata.Metrics{same("last")}},
			}
			d := &partsDestination{metricDestination: *newDestination()}
			l, err := exportOnce(t, d, of, scopes)
			if err != nil || l.lost() != 0 || l.exports("success") != len(d.all) || len(d.all) < 2 {
				t.Fatalf("%d exports, %d counted, %d points lost: %v", len(d.all), l.exports("success"), l.lost(), err)
			}
			want, _ := pointTexts(t, data)
			var got, others []string
			for i, part := range d.all {
				if !part.Resource.Equal(d.all[0].Resource) || !strings.Contains(part.Resource.String(), "service.name=test") {
					t.Errorf("part %d is of %v", i, part.Resource)
				}
				for _, s := range part.ScopeMetrics {
					for at, m := range s.Metrics {
						if at > 0 && m.Name == s.Metrics[at-1].Name {
							t.Errorf("part %d has %s twice", i, m.Name)
						}
						if m.Name != "large" {
							others = append(others, s.Scope.Name+"/"+m.Name)
							continue
						}
						texts, _ := pointTexts(t, m.Data)
						got = append(got, texts...)
						if s.Scope != scopes[0].Scope || m.Description != "d" || m.Unit != "u" || kindOf(m.Data) != kindOf(data) {
							t.Errorf("part %d has it as %q %q %s of %v", i, m.Description, m.Unit, kindOf(m.Data), s.Scope)
						}
					}
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the points differ (-want +got):\n%.2000s", diff)
			}
			if diff := cmp.Diff([]string{"one/first", "two/last"}, others); diff != "" {
				t.Errorf("the other metrics differ (-want +got):\n%s", diff)
			}
			if again, points := pointTexts(t, scopes[0].Metrics[1].Data); points != 5000 || len(again) != len(want) {
				t.Error("what the producer owns was changed")
			}
		})
	}
}

// kindOf is what receivers must see alike in all parts.
func kindOf(data metricdata.Aggregation) string {
	switch d := data.(type) {
	case metricdata.Sum[int64]:
		return fmt.Sprintf("%T %v %v", d, d.Temporality, d.IsMonotonic)
	case metricdata.Sum[float64]:
		return fmt.Sprintf("%T %v %v", d, d.Temporality, d.IsMonotonic)
	case metricdata.Histogram[int64]:
		return fmt.Sprintf("%T %v", d, d.Temporality)
	case metricdata.Histogram[float64]:
		return fmt.Sprintf("%T %v", d, d.Temporality)
	case metricdata.ExponentialHistogram[int64]:
		return fmt.Sprintf("%T %v", d, d.Temporality)
	case metricdata.ExponentialHistogram[float64]:
		return fmt.Sprintf("%T %v", d, d.Temporality)
	}
	return fmt.Sprintf("%T", data)
}

func TestPartsOfMetricsAreCountedEachForItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &partsDestination{metricDestination: *newDestination(), fail: func(n int) error {
			if n == 1 {
				return errors.New("refused")
			}
			return nil
		}}
		l, err := exportOnce(t, d, resource.Empty(), []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{{Name: "large", Data: large()["sum of integers"]}}}})
		lost := l.dropped("export_failed")
		if want := fmt.Sprintf("%d data points abandoned", lost); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Shutdown: %v, want %q", err, want)
		}
		_, points := pointTexts(t, d.all[0].ScopeMetrics[0].Metrics[0].Data)
		if l.exports("failure") != 1 || l.exports("success") != len(d.all)-1 || lost != points || lost == 0 || lost == 5000 {
			t.Errorf("%d exports fail, %d succeed; %d points are lost, %d were in the first part", l.exports("failure"), l.exports("success"), lost, points)
		}
	})
}

func TestPointThatNoExportHoldsCostsOnlyItself(t *testing.T) {
	d := newDestination()
	huge := metricdata.Metrics{Name: "huge", Data: metricdata.Gauge[int64]{DataPoints: []metricdata.DataPoint[int64]{
		{Value: 1}, {Attributes: attribute.NewSet(attribute.String("k", strings.Repeat("x", 4<<20)))}, {Value: 3},
	}}}
	l, err := exportOnce(t, d, resource.Empty(), []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{huge, same("other")}}})
	if err == nil || !strings.Contains(err.Error(), "1 data points abandoned") || l.dropped("too_large") != 1 || l.lost() != 1 {
		t.Errorf("Shutdown: %v, %d are too large, %d lost", err, l.dropped("too_large"), l.lost())
	}
	if texts := fmt.Sprint(l.texts()); !strings.Contains(texts, "export metrics to fake: 1 items of more than") || len(texts) > 200 {
		t.Errorf("the errors are %s", texts)
	}
	points := 0
	for _, m := range d.last.ScopeMetrics[0].Metrics {
		_, n := pointTexts(t, m.Data)
		points += n
	}
	if points != 3 {
		t.Errorf("%d points are exported, want 3", points)
	}
}
