package guard_test

import (
	"context"
	"math"
	"slices"
	"strconv"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// add are one instrument of each kind, by the name of the series that shows
// what was added.
func add(tb testing.TB, m metric.Meter) map[string]func(v float64) {
	tb.Helper()
	ctx := tb.Context()
	ic := must[metric.Int64Counter](tb)(m.Int64Counter("x_int_total"))
	fc := must[metric.Float64Counter](tb)(m.Float64Counter("x_float_total"))
	iu := must[metric.Int64UpDownCounter](tb)(m.Int64UpDownCounter("x_int_open"))
	fu := must[metric.Float64UpDownCounter](tb)(m.Float64UpDownCounter("x_float_open"))
	ih := must[metric.Int64Histogram](tb)(m.Int64Histogram("x_int_size"))
	fh := must[metric.Float64Histogram](tb)(m.Float64Histogram("x_float_size"))
	ig := must[metric.Int64Gauge](tb)(m.Int64Gauge("x_int_level"))
	fg := must[metric.Float64Gauge](tb)(m.Float64Gauge("x_float_level"))
	return map[string]func(v float64){
		"x_int_total":      func(v float64) { ic.Add(ctx, integer(v)) },
		"x_float_total":    func(v float64) { fc.Add(ctx, v) },
		"x_int_open":       func(v float64) { iu.Add(ctx, integer(v)) },
		"x_float_open":     func(v float64) { fu.Add(ctx, v) },
		"x_int_size_sum":   func(v float64) { ih.Record(ctx, integer(v)) },
		"x_float_size_sum": func(v float64) { fh.Record(ctx, v) },
		"x_int_level":      func(v float64) { ig.Record(ctx, integer(v)) },
		"x_float_level":    func(v float64) { fg.Record(ctx, v) },
	}
}

// integer is v as an int64, or the largest or smallest one.
func integer(v float64) int64 {
	switch {
	case v >= 1<<63:
		return math.MaxInt64
	case v <= -1<<63:
		return math.MinInt64
	}
	return int64(v)
}

func TestNumberThatMakesASumUselessIsDroppedAndCounted(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for series, test := range map[string]struct {
		add     []float64
		want    string
		dropped string
	}{
		"x_int_total":      {[]float64{5, -7, math.MinInt64, math.MaxInt64, 1 << 61}, "2.305843009213694e+18", "3"},
		"x_float_total":    {[]float64{0.5, -7, nan, inf, -inf, math.MaxFloat64}, "0.5", "5"},
		"x_int_open":       {[]float64{5, -7, math.MaxInt64, 1 << 62, 1 << 62}, "4.611686018427388e+18", "2"},
		"x_float_open":     {[]float64{0.5, -7, nan, inf, -inf, math.MaxFloat64}, "-6.5", "4"},
		"x_int_size_sum":   {[]float64{5, -3, math.MinInt64}, "5", "2"},
		"x_float_size_sum": {[]float64{0.5, -3, nan, inf, -inf, 1e300}, "0.5", "5"},
		"x_int_level":      {[]float64{5, math.MinInt64, -7}, "-7", "0"},
		"x_float_level":    {[]float64{-0.5, nan, inf, -inf}, "-0.5", "3"},
	} {
		t.Run(series, func(t *testing.T) {
			s := newService(t)
			record := add(t, s.Meter("test"))[series]
			for _, v := range test.add {
				record(v)
			}
			if got := s.series(t, series)[series]; got != test.want {
				t.Errorf("it is %s, want %s", got, test.want)
			}
			if got := s.series(t, invalid)[invalid]; got != test.dropped {
				t.Errorf("%s were dropped, want %s", got, test.dropped)
			}
		})
	}
}

func TestSumNeverTurnsNegativeByItsSize(t *testing.T) {
	for _, series := range []string{"x_int_total", "x_float_total", "x_int_size_sum", "x_float_size_sum"} {
		t.Run(series, func(t *testing.T) {
			s := newService(t)
			for range 3 { // the instrument is the same each time
				add(t, s.Meter("test"))[series](4e18)
			}
			if got := s.series(t, series)[series]; got != "4e+18" {
				t.Errorf("it is %s", got)
			}
			s.want(t, invalid, invalid+" 2")
		})
	}
}

func TestObservationThatMakesASumUselessIsDroppedAndCounted(t *testing.T) {
	s := newService(t)
	m := s.Meter("test")
	integers := func(values ...int64) metric.Int64Callback {
		return func(_ context.Context, o metric.Int64Observer) error {
			for i, v := range values {
				o.Observe(v, metric.WithAttributes(attribute.Int("i", i)))
			}
			return nil
		}
	}
	floats := func(values ...float64) metric.Float64Callback {
		return func(_ context.Context, o metric.Float64Observer) error {
			for i, v := range values {
				o.Observe(v, metric.WithAttributes(attribute.Int("i", i)))
			}
			return nil
		}
	}
	nan, inf := math.NaN(), math.Inf(1)
	must[metric.Int64ObservableCounter](t)(m.Int64ObservableCounter("x_int_total", metric.WithInt64Callback(integers(7, -7))))
	must[metric.Int64ObservableUpDownCounter](t)(m.Int64ObservableUpDownCounter("x_int_open", metric.WithInt64Callback(integers(7, -7))))
	must[metric.Int64ObservableGauge](t)(m.Int64ObservableGauge("x_int_level", metric.WithInt64Callback(integers(math.MaxInt64, math.MinInt64))))
	must[metric.Float64ObservableCounter](t)(m.Float64ObservableCounter("x_float_total", metric.WithFloat64Callback(floats(7, -7, nan, inf))))
	must[metric.Float64ObservableUpDownCounter](t)(m.Float64ObservableUpDownCounter("x_float_open", metric.WithFloat64Callback(floats(7, -7, nan, -inf))))
	must[metric.Float64ObservableGauge](t)(m.Float64ObservableGauge("x_float_level", metric.WithFloat64Callback(floats(7, -7, nan, inf))))
	counter := must[metric.Int64ObservableCounter](t)(m.Int64ObservableCounter("x_both_total"))
	gauge := must[metric.Float64ObservableGauge](t)(m.Float64ObservableGauge("x_both"))
	must[metric.Registration](t)(m.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		o.ObserveInt64(counter, 1<<62) // both have the same attributes
		o.ObserveInt64(counter, 1<<62)
		o.ObserveFloat64(gauge, -1)
		o.ObserveFloat64(gauge, nan)
		return nil
	}, counter, gauge))
	s.want(t, "x_",
		`x_int_total{i="0"} 7`, `x_int_open{i="0"} 7`, `x_int_open{i="1"} -7`,
		`x_int_level{i="0"} 9.223372036854776e+18`, `x_int_level{i="1"} -9.223372036854776e+18`,
		`x_float_total{i="0"} 7`, `x_float_open{i="0"} 7`, `x_float_open{i="1"} -7`, `x_float_level{i="0"} 7`, `x_float_level{i="1"} -7`,
		`x_both_total 4.611686018427388e+18`, `x_both -1`)
	if len(s.told) != 0 {
		t.Errorf("told %q", s.told)
	}
	if before := s.series(t, invalid)[invalid]; before == "0" || before == "" {
		t.Errorf("%q were dropped", before)
	}
}

func TestRecordingAllocatesNoMoreThanTheSDK(t *testing.T) {
	s := newService(t)
	ctx := t.Context()
	guarded := must[metric.Float64Histogram](t)(s.Meter("a").Float64Histogram("x_size"))
	plain := must[metric.Float64Histogram](t)(s.sdk.Meter("b").Float64Histogram("x_size"))
	counter := must[metric.Int64Counter](t)(s.Meter("a").Int64Counter("x_total"))
	plainCounter := must[metric.Int64Counter](t)(s.sdk.Meter("b").Int64Counter("x_total"))
	options := []metric.RecordOption{metric.WithAttributes(attribute.String("a", "b"))}
	addOptions := []metric.AddOption{metric.WithAttributes(attribute.String("a", "b"))}
	for name, record := range map[string][2]func(){
		"histogram": {func() { guarded.Record(ctx, 1<<21, options...) }, func() { plain.Record(ctx, 1<<21, options...) }},
		"counter":   {func() { counter.Add(ctx, 1, addOptions...) }, func() { plainCounter.Add(ctx, 1, addOptions...) }},
	} {
		if got, want := testing.AllocsPerRun(1000, record[0]), testing.AllocsPerRun(1000, record[1]); got > want {
			t.Errorf("%s: %v allocations, the SDK has %v", name, got, want)
		}
	}
	if !guarded.Enabled(ctx) || !counter.Enabled(ctx) {
		t.Error("an instrument is not enabled")
	}
}

func TestInstrumentsOfAProviderThatWasShutDownWork(t *testing.T) {
	s := newService(t)
	before := s.Meter("before")
	if err := s.sdk.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]metric.Meter{"before": before, "after": s.Meter("after")} {
		for _, record := range add(t, m) {
			record(1)
		}
		r := must[metric.Registration](t)(m.RegisterCallback(func(context.Context, metric.Observer) error { return nil }, observe(t, m, "x", one)))
		if err := r.Unregister(); err != nil {
			t.Error(err)
		}
		counter := must[metric.Int64Counter](t)(m.Int64Counter("x_int_total"))
		if got, want := counter.Enabled(t.Context()), name == "before"; got != want {
			t.Errorf("%s: enabled is %v, of the SDK %v", name, got, want)
		}
	}
}

func FuzzNumbersKeepCountersAndSumsSane(f *testing.F) {
	s := newService(f)
	record := add(f, s.Meter("test"))
	series := []string{"x_int_total", "x_float_total", "x_int_size_sum", "x_float_size_sum", "x_int_open", "x_float_open", "x_int_level", "x_float_level"}
	observed := 0.0
	must[metric.Float64ObservableCounter](f)(s.Meter("test").Float64ObservableCounter("x_observed_total",
		metric.WithFloat64Callback(func(_ context.Context, o metric.Float64Observer) error {
			o.Observe(observed)
			o.Observe(observed)
			return nil
		})))
	last := make(map[string]float64)
	for i, v := range []float64{0, -1, 1, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64, 9e18, 1 << 63, 1 << 62, 1e288} {
		f.Add(math.Float64bits(v), uint8(i))
	}
	f.Fuzz(func(t *testing.T, bits uint64, kind uint8) {
		observed = math.Float64frombits(bits)
		record[series[int(kind)%len(series)]](observed)
		for name, text := range s.series(t, "x_") {
			v, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Error(err)
			}
			monotone := slices.Contains(series[:4], name)
			if finite := !math.IsNaN(v) && !math.IsInf(v, 0); !finite || monotone && v < last[name] || name == "x_observed_total" && v < 0 {
				t.Errorf("%s is %s after %v", name, text, last[name])
			}
			last[name] = v
		}
	})
}
