package catalog_test

import (
	"math"
	"strings"
	"testing"

	"github.com/tutorflow/observability/telemetry/catalog"
)

type subject int

const (
	algebra subject = iota
	physics
)

type level int

const (
	beginner level = iota
	advanced
)

func subjects() catalog.EnumLabel[subject] {
	return catalog.Enum[subject]("subject", "algebra", "physics")
}

func levels() catalog.EnumLabel[level] { return catalog.Enum[level]("level", "beginner", "advanced") }

func TestEveryKindOfInstrumentIsAtZeroOnTheFirstScrape(t *testing.T) {
	p := newPipeline(t)
	must[*catalog.Counter](t)(catalog.NewCounter(p.Meter, "x_plain_total", "A counter."))
	must[*catalog.CounterBy[subject]](t)(catalog.NewCounterBy(p.Meter, "x_by_total", "A counter.", subjects()))
	must[*catalog.CounterBy2[subject, level]](t)(catalog.NewCounterBy2(p.Meter, "x_by_two_total", "A counter.", subjects(), levels()))
	must[*catalog.Gauge](t)(catalog.NewGauge(p.Meter, "x_gauge", "A gauge."))
	must[*catalog.GaugeBy[subject]](t)(catalog.NewGaugeBy(p.Meter, "x_gauge_by", "A gauge.", subjects()))
	must[*catalog.Histogram](t)(catalog.NewHistogram(p.Meter, "x_wait_seconds", "A histogram.", []float64{1, 2}))
	must[*catalog.HistogramBy[subject]](t)(catalog.NewHistogramBy(p.Meter, "x_size_bytes", "A histogram.", []float64{10}, subjects()))
	p.want(t, "x_",
		`x_plain_total 0`,
		`x_by_total{subject="algebra"} 0`, `x_by_total{subject="physics"} 0`,
		`x_by_two_total{level="beginner",subject="algebra"} 0`, `x_by_two_total{level="beginner",subject="physics"} 0`,
		`x_by_two_total{level="advanced",subject="algebra"} 0`, `x_by_two_total{level="advanced",subject="physics"} 0`,
		`x_gauge 0`,
		`x_gauge_by{subject="algebra"} 0`, `x_gauge_by{subject="physics"} 0`,
		`x_wait_seconds_bucket{le="1"} 0`, `x_wait_seconds_bucket{le="2"} 0`, `x_wait_seconds_bucket{le="+Inf"} 0`,
		`x_wait_seconds_sum 0`, `x_wait_seconds_count 0`,
		`x_size_bytes_bucket{subject="algebra",le="10"} 0`, `x_size_bytes_bucket{subject="algebra",le="+Inf"} 0`,
		`x_size_bytes_sum{subject="algebra"} 0`, `x_size_bytes_count{subject="algebra"} 0`,
		`x_size_bytes_bucket{subject="physics",le="10"} 0`, `x_size_bytes_bucket{subject="physics",le="+Inf"} 0`,
		`x_size_bytes_sum{subject="physics"} 0`, `x_size_bytes_count{subject="physics"} 0`,
	)
}

func TestInstrumentsHoldWhatWasRecorded(t *testing.T) {
	p, ctx := newPipeline(t), t.Context()
	plain := must[*catalog.Counter](t)(catalog.NewCounter(p.Meter, "x_plain_total", "A counter."))
	plain.Add(ctx)
	plain.AddN(ctx, 4)
	plain.AddN(ctx, 0)
	by := must[*catalog.CounterBy[subject]](t)(catalog.NewCounterBy(p.Meter, "x_by_total", "A counter.", subjects()))
	by.Add(ctx, physics)
	by.AddN(ctx, 2, algebra)
	by2 := must[*catalog.CounterBy2[subject, level]](t)(catalog.NewCounterBy2(p.Meter, "x_by_two_total", "A counter.", subjects(), levels()))
	by2.Add(ctx, physics, advanced)
	by2.AddN(ctx, 7, algebra, advanced)
	gauge := must[*catalog.Gauge](t)(catalog.NewGauge(p.Meter, "x_gauge", "A gauge."))
	gauge.Set(ctx, -1.5)
	gaugeBy := must[*catalog.GaugeBy[subject]](t)(catalog.NewGaugeBy(p.Meter, "x_gauge_by", "A gauge.", subjects()))
	gaugeBy.Set(ctx, 3, physics)
	wait := must[*catalog.Histogram](t)(catalog.NewHistogram(p.Meter, "x_wait_seconds", "A histogram.", []float64{1, 2}))
	wait.Record(ctx, 0)
	wait.Record(ctx, 2)
	wait.Record(ctx, 3)
	size := must[*catalog.HistogramBy[subject]](t)(catalog.NewHistogramBy(p.Meter, "x_size_bytes", "A histogram.", []float64{10}, subjects()))
	size.Record(ctx, 11, physics)
	p.want(t, "x_",
		`x_plain_total 5`,
		`x_by_total{subject="algebra"} 2`, `x_by_total{subject="physics"} 1`,
		`x_by_two_total{level="beginner",subject="algebra"} 0`, `x_by_two_total{level="beginner",subject="physics"} 0`,
		`x_by_two_total{level="advanced",subject="algebra"} 7`, `x_by_two_total{level="advanced",subject="physics"} 1`,
		`x_gauge -1.5`,
		`x_gauge_by{subject="algebra"} 0`, `x_gauge_by{subject="physics"} 3`,
		`x_wait_seconds_bucket{le="1"} 1`, `x_wait_seconds_bucket{le="2"} 2`, `x_wait_seconds_bucket{le="+Inf"} 3`,
		`x_wait_seconds_sum 5`, `x_wait_seconds_count 3`,
		`x_size_bytes_bucket{subject="algebra",le="10"} 0`, `x_size_bytes_bucket{subject="algebra",le="+Inf"} 0`,
		`x_size_bytes_sum{subject="algebra"} 0`, `x_size_bytes_count{subject="algebra"} 0`,
		`x_size_bytes_bucket{subject="physics",le="10"} 0`, `x_size_bytes_bucket{subject="physics",le="+Inf"} 1`,
		`x_size_bytes_sum{subject="physics"} 11`, `x_size_bytes_count{subject="physics"} 1`,
	)
	p.wantValue(t, invalidValues, "0")
}

func TestConstantOutsideTheDeclaredOnesIsCountedAsOverflowAndNotRecorded(t *testing.T) {
	p, ctx := newPipeline(t), t.Context()
	by := must[*catalog.CounterBy[subject]](t)(catalog.NewCounterBy(p.Meter, "x_by_total", "A counter.", subjects()))
	by2 := must[*catalog.CounterBy2[subject, level]](t)(catalog.NewCounterBy2(p.Meter, "x_by_two_total", "A counter.", subjects(), levels()))
	gaugeBy := must[*catalog.GaugeBy[subject]](t)(catalog.NewGaugeBy(p.Meter, "x_gauge_by", "A gauge.", subjects()))
	size := must[*catalog.HistogramBy[subject]](t)(catalog.NewHistogramBy(p.Meter, "x_size_bytes", "A histogram.", []float64{10}, subjects()))
	p.wantValue(t, overflow+`{metric="x_by_total"}`, "0")
	before := p.series(t, "x_")
	for _, wrong := range []subject{-1, 2, math.MaxInt, math.MinInt} {
		by.Add(ctx, wrong)
		by.AddN(ctx, 5, wrong)
		by2.Add(ctx, wrong, beginner)
		by2.Add(ctx, algebra, level(wrong))
		by2.AddN(ctx, 5, wrong, level(wrong))
		gaugeBy.Set(ctx, 1, wrong)
		size.Record(ctx, 1, wrong)
	}
	p.wantValue(t, overflow+`{metric="x_by_total"}`, "8")
	p.wantValue(t, overflow+`{metric="x_by_two_total"}`, "12")
	p.wantValue(t, overflow+`{metric="x_gauge_by"}`, "4")
	p.wantValue(t, overflow+`{metric="x_size_bytes"}`, "4")
	for series, value := range p.series(t, "x_") {
		if before[series] != value {
			t.Errorf("%s went from %s to %s", series, before[series], value)
		}
	}
}

func TestFirstOverflowOfAMetricIsToldOf(t *testing.T) {
	p, ctx := newPipeline(t), t.Context()
	var told []string
	p.OnError(func(err error) { told = append(told, err.Error()) })
	self := must[*catalog.Self](t)(p.Self())
	services := must[*catalog.ExternalServices](t)(p.ExternalServices())
	by := must[*catalog.CounterBy[subject]](t)(catalog.NewCounterBy(p.Meter, "x_by_total", "A counter.", subjects()))
	gaugeBy := must[*catalog.GaugeBy[subject]](t)(catalog.NewGaugeBy(p.Meter, "x_gauge_by", "A gauge.", subjects()))
	for range 10_000 {
		by.Add(ctx, -1)
		gaugeBy.Set(ctx, 1, -1)
		services.Record(ctx, "moon_pay", "charge", catalog.CallSuccess, 0)
		self.Overflowed("x_raw_total")
	}
	p.wantValue(t, overflow+`{metric="x_by_total"}`, "10000")
	p.wantValue(t, overflow+`{metric="x_raw_total"}`, "10000")
	if len(told) != 4 {
		t.Fatalf("told %q", told)
	}
	for i, want := range []string{
		"metric x_by_total, told of once and counted in tutorflow_telemetry_label_overflow_total: the constant has no value in the Enum",
		"metric x_gauge_by,", "metric tutorflow_external_service_calls_total, ", "metric x_raw_total, ",
	} {
		if !strings.Contains(told[i], want) {
			t.Errorf("told %q, want %s", told[i], want)
		}
	}
}

func TestValueThatNoMetricMayHoldIsDroppedAndCounted(t *testing.T) {
	p, ctx := newPipeline(t), t.Context()
	plain := must[*catalog.Counter](t)(catalog.NewCounter(p.Meter, "x_plain_total", "A counter."))
	by := must[*catalog.CounterBy[subject]](t)(catalog.NewCounterBy(p.Meter, "x_by_total", "A counter.", catalog.Enum[subject]("subject", "algebra")))
	gauge := must[*catalog.Gauge](t)(catalog.NewGauge(p.Meter, "x_gauge", "A gauge."))
	wait := must[*catalog.Histogram](t)(catalog.NewHistogram(p.Meter, "x_wait_seconds", "A histogram.", []float64{1}))

	plain.AddN(ctx, -1)
	plain.AddN(ctx, math.MinInt64)
	by.AddN(ctx, -5, algebra)
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		gauge.Set(ctx, v)
		wait.Record(ctx, v)
	}
	wait.Record(ctx, -0.1)
	wait.Record(ctx, math.MaxFloat64)
	p.want(t, "x_", `x_plain_total 0`, `x_by_total{subject="algebra"} 0`, `x_gauge 0`,
		`x_wait_seconds_bucket{le="1"} 0`, `x_wait_seconds_bucket{le="+Inf"} 0`, `x_wait_seconds_sum 0`, `x_wait_seconds_count 0`)
	p.wantValue(t, invalidValues, "11")
}

func TestCounterThatPassesTheLargestIntegerStartsAgain(t *testing.T) {
	p := newPipeline(t)
	c := must[*catalog.Counter](t)(catalog.NewCounter(p.Meter, "x_plain_total", "A counter."))
	c.AddN(t.Context(), math.MaxInt64)
	c.AddN(t.Context(), 3)
	p.want(t, "x_", `x_plain_total 2`)
}

// TestSumOfAHistogramNeverTurnsNegative has values that the SDK adds up as
// integers, since they are whole.
func TestSumOfAHistogramNeverTurnsNegative(t *testing.T) {
	p, ctx := newPipeline(t), t.Context()
	wait := must[*catalog.Histogram](t)(catalog.NewHistogram(p.Meter, "x_wait_seconds", "A histogram.", []float64{1}))
	for range 3 {
		wait.Record(ctx, 4e18)
	}
	wait.Record(ctx, 9e18)
	p.wantValue(t, "x_wait_seconds_sum", "4e+18")
	p.wantValue(t, invalidValues, "3")
}

func TestNilInstrumentRecordsNothing(t *testing.T) {
	ctx := t.Context()
	var counter *catalog.Counter
	counter.Add(ctx)
	counter.AddN(ctx, 2)
	var by *catalog.CounterBy[subject]
	by.Add(ctx, algebra)
	by.AddN(ctx, 2, algebra)
	var by2 *catalog.CounterBy2[subject, level]
	by2.Add(ctx, algebra, beginner)
	var gauge *catalog.Gauge
	gauge.Set(ctx, 1)
	var gaugeBy *catalog.GaugeBy[subject]
	gaugeBy.Set(ctx, 1, algebra)
	var histogram *catalog.Histogram
	histogram.Record(ctx, 1)
	var histogramBy *catalog.HistogramBy[subject]
	histogramBy.Record(ctx, 1, algebra)
}

func FuzzRecordKeepsCountersAndSumsSane(f *testing.F) {
	p := newPipeline(f)
	counter := must[*catalog.Counter](f)(catalog.NewCounter(p.Meter, "x_plain_total", "A counter."))
	wait := must[*catalog.Histogram](f)(catalog.NewHistogram(p.Meter, "x_wait_seconds", "A histogram.", []float64{1}))
	for _, v := range []float64{0, -1, 1, math.NaN(), math.Inf(1), math.MaxFloat64, math.SmallestNonzeroFloat64, 9e18} {
		f.Add(math.Float64bits(v), int64(v))
	}
	f.Fuzz(func(t *testing.T, bits uint64, n int64) {
		counter.AddN(t.Context(), n)
		wait.Record(t.Context(), math.Float64frombits(bits))
		for series, value := range p.series(t, "x_") {
			if value == "NaN" || value[0] == '-' || value == "+Inf" {
				t.Errorf("%s is %s", series, value)
			}
		}
	})
}
