package export_test

import (
	"slices"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/telemetry/internal/export"
)

// exported is what becomes of metrics on their way to an exporter.
func exported(t *testing.T, scopes []metricdata.ScopeMetrics) []metricdata.ScopeMetrics {
	t.Helper()
	l, d := newLedger(t, exporters.Metrics), newDestination()
	r := reading()
	r.Producers = []sdkmetric.Producer{produce(func() ([]metricdata.ScopeMetrics, error) { return scopes, nil })}
	reader := export.NewReader(d, r, l.Report)
	_ = sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	if err := reader.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d.last.ScopeMetrics
}

func exemplars[N int64 | float64]() []metricdata.Exemplar[N] {
	return []metricdata.Exemplar[N]{{}, {FilteredAttributes: kvs(bad)}}
}

func scalars[N int64 | float64](set attribute.Set) []metricdata.DataPoint[N] {
	return []metricdata.DataPoint[N]{{Value: 1}, {Attributes: set, Value: 2}, {Value: 3, Exemplars: exemplars[N]()}}
}

func histograms[N int64 | float64](set attribute.Set) []metricdata.HistogramDataPoint[N] {
	return []metricdata.HistogramDataPoint[N]{{Count: 1}, {Attributes: set, Count: 2}, {Count: 3, Exemplars: exemplars[N]()}}
}

func exponentials[N int64 | float64](set attribute.Set) []metricdata.ExponentialHistogramDataPoint[N] {
	return []metricdata.ExponentialHistogramDataPoint[N]{{Count: 1}, {Attributes: set, Count: 2}, {Count: 3, Exemplars: exemplars[N]()}}
}

// pointTexts are all texts of data, and the number of its points.
func pointTexts(t *testing.T, data metricdata.Aggregation) (all []string, points int) {
	t.Helper()
	switch d := data.(type) {
	case metricdata.Gauge[int64]:
		return scalarTexts(d.DataPoints)
	case metricdata.Gauge[float64]:
		return scalarTexts(d.DataPoints)
	case metricdata.Sum[int64]:
		return scalarTexts(d.DataPoints)
	case metricdata.Sum[float64]:
		return scalarTexts(d.DataPoints)
	case metricdata.Histogram[int64]:
		return histogramTexts(d.DataPoints)
	case metricdata.Histogram[float64]:
		return histogramTexts(d.DataPoints)
	case metricdata.ExponentialHistogram[int64]:
		return exponentialTexts(d.DataPoints)
	case metricdata.ExponentialHistogram[float64]:
		return exponentialTexts(d.DataPoints)
	case metricdata.Summary:
		for _, p := range d.DataPoints {
			all = append(all, texts(p.Attributes.ToSlice())...)
		}
		return all, len(d.DataPoints)
	}
	t.Fatalf("the test does not know %T", data)
	return nil, 0
}

func exemplarTexts[N int64 | float64](exemplars []metricdata.Exemplar[N]) (all []string) {
	for _, e := range exemplars {
		all = append(all, texts(e.FilteredAttributes)...)
	}
	return all
}

func scalarTexts[N int64 | float64](points []metricdata.DataPoint[N]) (all []string, n int) {
	for _, p := range points {
		all = append(append(all, texts(p.Attributes.ToSlice())...), exemplarTexts(p.Exemplars)...)
	}
	return all, len(points)
}

func histogramTexts[N int64 | float64](points []metricdata.HistogramDataPoint[N]) (all []string, n int) {
	for _, p := range points {
		all = append(append(all, texts(p.Attributes.ToSlice())...), exemplarTexts(p.Exemplars)...)
	}
	return all, len(points)
}

func exponentialTexts[N int64 | float64](points []metricdata.ExponentialHistogramDataPoint[N]) (all []string, n int) {
	for _, p := range points {
		all = append(append(all, texts(p.Attributes.ToSlice())...), exemplarTexts(p.Exemplars)...)
	}
	return all, len(points)
}

func TestTextsOfMetricsAreRepairedInCopies(t *testing.T) {
	set := attribute.NewSet(kvs(bad)...)
	for name, data := range map[string]metricdata.Aggregation{
		"gauge of integers":                 metricdata.Gauge[int64]{DataPoints: scalars[int64](set)},
		"gauge of floats":                   metricdata.Gauge[float64]{DataPoints: scalars[float64](set)},
		"sum of integers":                   metricdata.Sum[int64]{DataPoints: scalars[int64](set)},
		"sum of floats":                     metricdata.Sum[float64]{DataPoints: scalars[float64](set)},
		"histogram of integers":             metricdata.Histogram[int64]{DataPoints: histograms[int64](set)},
		"histogram of floats":               metricdata.Histogram[float64]{DataPoints: histograms[float64](set)},
		"exponential histogram of integers": metricdata.ExponentialHistogram[int64]{DataPoints: exponentials[int64](set)},
		"exponential histogram of floats":   metricdata.ExponentialHistogram[float64]{DataPoints: exponentials[float64](set)},
		"summary":                           metricdata.Summary{DataPoints: []metricdata.SummaryDataPoint{{Count: 1}, {Attributes: set, Count: 2}, {Count: 3}}},
	} {
		t.Run(name, func(t *testing.T) {
			before, _ := pointTexts(t, data)
			own := []metricdata.ScopeMetrics{{
				Scope:   instrumentation.Scope{Name: bad, Version: bad, SchemaURL: bad, Attributes: set},
				Metrics: []metricdata.Metrics{{Name: bad, Description: bad, Unit: bad, Data: data}},
			}}
			got := exported(t, own)
			m := got[0].Metrics[0]
			after, points := pointTexts(t, m.Data)
			wantSound(t, before, after)
			wantSound(t, make([]string, 3), []string{m.Name, m.Description, m.Unit})
			wantSound(t, scopeTexts(own[0].Scope), scopeTexts(got[0].Scope))
			if points != 3 {
				t.Errorf("%d points are exported, want 3", points)
			}
			if again, _ := pointTexts(t, data); !slices.Equal(before, again) || own[0].Metrics[0].Name != bad {
				t.Error("what the producer owns was changed")
			}
		})
	}
}

func TestResourceOfMetricsIsRepaired(t *testing.T) {
	l, d := newLedger(t, exporters.Metrics), newDestination()
	r := reading()
	r.Producers = []sdkmetric.Producer{produce(func() ([]metricdata.ScopeMetrics, error) { return gauge("one"), nil })}
	reader := export.NewReader(d, r, l.Report)
	given := resource.NewSchemaless(kvs(bad)...)
	_ = sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithResource(given))
	if err := reader.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := texts(d.last.Resource.Attributes())
	if len(got) < len(texts(given.Attributes())) {
		t.Errorf("the resource is %q", got)
	}
	wantSound(t, got, got)
}
