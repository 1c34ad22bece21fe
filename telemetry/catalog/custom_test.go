package catalog_test

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/otlptranslator"
	"go.opentelemetry.io/otel/metric"

	"github.com/tutorflow/observability/telemetry/catalog"
)

func TestWrongDefinitionIsRefusedAndLeavesNothing(t *testing.T) {
	many := make([]string, catalog.MaxSeries+1)
	for i := range many {
		many[i] = strconv.Itoa(i)
	}
	counter := func(name string) func(*catalog.Meter) error {
		return func(m *catalog.Meter) error {
			_, err := catalog.NewCounter(m, name, "A counter.")
			return err
		}
	}
	gauge := func(name string) func(*catalog.Meter) error {
		return func(m *catalog.Meter) error {
			_, err := catalog.NewGauge(m, name, "A gauge.")
			return err
		}
	}
	labelled := func(label string, values ...string) func(*catalog.Meter) error {
		return func(m *catalog.Meter) error {
			_, err := catalog.NewCounterBy(m, "x_total", "A counter.", catalog.Enum[subject](label, values...))
			return err
		}
	}
	histogram := func(buckets ...float64) func(*catalog.Meter) error {
		return func(m *catalog.Meter) error {
			_, err := catalog.NewHistogram(m, "x_seconds", "A histogram.", buckets)
			return err
		}
	}
	for name, test := range map[string]struct {
		define func(*catalog.Meter) error
		want   []string
	}{
		"a name is needed":                             {counter(""), []string{`define metric "": name: allowed are`}},
		"a name has no capitals":                       {counter("X_Total"), []string{`"X_Total"`, "name: allowed are"}},
		"a name has no dots":                           {counter("x.lessons_total"), []string{"name: allowed are"}},
		"a name has no colons":                         {counter("x:lessons_total"), []string{"name: allowed are"}},
		"a name has no spaces":                         {counter("x lessons_total"), []string{"name: allowed are"}},
		"a name begins with a letter":                  {counter("1_total"), []string{"name: allowed are"}},
		"a name has no doubled underscore":             {counter("x__y_total"), []string{"name: allowed are"}},
		"a name does not end in an underscore":         {gauge("x_y_"), []string{"name: allowed are"}},
		"a name is short":                              {counter(strings.Repeat("x", 128) + "_total"), []string{"name: allowed are at most 128 bytes"}},
		"a name is ASCII":                              {counter("수업_total"), []string{"name: allowed are"}},
		"a name has two words":                         {gauge("lessons"), []string{"name: allowed are"}},
		"a name has no new line":                       {gauge("x_y\n"), []string{`"x_y\n"`, "name: allowed are"}},
		"a counter ends in _total":                     {counter("x_lessons"), []string{`"x_lessons"`, "ending _total", "counter"}},
		"a gauge does not end in _total":               {gauge("x_total"), []string{"ending _total", "gauge"}},
		"the word total comes last":                    {counter("x_total_lessons_total"), []string{"total may only come last"}},
		"the word total does not come first in a name": {gauge("x_total_lessons"), []string{"total may only come last"}},
		"the name of another source is refused":        {counter("go_lessons_total"), []string{"prefixes", `"go_"`}},
		"the name of the scrape is refused":            {gauge("scrape_lessons"), []string{"prefixes"}},
		"the name of the standard metric is refused":   {gauge("http_server_x"), []string{"prefixes"}},
		"a name of a histogram's series is refused":    {gauge("x_bucket"), []string{"_bucket"}},
		"a name of a histogram's count is refused":     {gauge("x_lessons_count"), []string{"_count"}},
		"a name of the catalogue is refused":           {counter(catalog.Bookings), []string{`"tutorflow_bookings_total"`, "belongs to the catalogue"}},
		"a family of the catalogue is refused":         {gauge("tutorflow_bookings"), []string{"belongs to the catalogue"}},
		"a description is UTF-8": {func(m *catalog.Meter) error {
			_, err := catalog.NewCounter(m, "x_total", "\xff")
			return err
		}, []string{`description "\xff": must say what is measured, in UTF-8`}},
		"a description is needed": {func(m *catalog.Meter) error {
			_, err := catalog.NewCounter(m, "x_total", " \n")
			return err
		}, []string{"description"}},
		"a label name is an identifier":         {labelled("lesson-type", "a"), []string{`label "lesson-type": allowed are names like "lesson_type"`}},
		"a label name is needed":                {labelled("", "a"), []string{`label ""`}},
		"a label name has no leading underline": {labelled("__name__", "a"), []string{`label "__name__"`}},
		"a label name is short":                 {labelled(strings.Repeat("l", 129), "a"), []string{`label "lll`}},
		"the label of a bucket is refused":      {labelled("le", "a"), []string{`label "le"`, "job"}},
		"the label of a target is refused":      {labelled("instance", "a"), []string{`label "instance"`}},
		"a label of OpenTelemetry is refused":   {labelled("otel_scope_name", "a"), []string{`label "otel_scope_name"`, "otel_*"}},
		"a label has values":                    {labelled("subject"), []string{"labels: 0 series, allowed are 1 to 20000"}},
		"a label value is not empty":            {labelled("subject", "a", ""), []string{`label "subject" value "": allowed are 1 to 128 bytes`}},
		"a label value is UTF-8":                {labelled("subject", "a\xff"), []string{`value "a\xff"`}},
		"a label value is short":                {labelled("subject", strings.Repeat("v", 129)), []string{"allowed are 1 to 128 bytes"}},
		"a label value is given once":           {labelled("subject", "a", "b", "a"), []string{`label "subject" value "a": given twice`}},
		"there are not too many values":         {labelled("subject", many...), []string{"labels: 20001 series, allowed are 1 to 20000"}},
		"there are not too many pairs": {func(m *catalog.Meter) error {
			_, err := catalog.NewCounterBy2(m, "x_total", "A counter.", catalog.Enum[subject]("a", many[:150]...), catalog.Enum[level]("b", many[:150]...))
			return err
		}, []string{"labels: 22500 series"}},
		"two labels have two names": {func(m *catalog.Meter) error {
			_, err := catalog.NewCounterBy2(m, "x_total", "A counter.", subjects(), catalog.Enum[level]("subject", "a"))
			return err
		}, []string{`label "subject": given twice`}},
		"a histogram has buckets":     {histogram(), []string{"buckets []", "at least one upper bound"}},
		"buckets increase":            {histogram(1, 3, 2), []string{"buckets [1 3 2]: must be finite and strictly increasing"}},
		"buckets are given once":      {histogram(1, 1), []string{"strictly increasing"}},
		"buckets are numbers":         {histogram(1, math.NaN()), []string{"buckets [1 NaN]"}},
		"the last bucket is left out": {histogram(1, math.Inf(1)), []string{"buckets [1 +Inf]: must be finite"}},
		"everything is in one error": {func(m *catalog.Meter) error {
			_, err := catalog.NewHistogramBy(m, "X_total", "", []float64{2, 1}, catalog.Enum[subject]("le", "a", "a"))
			return err
		}, []string{`"X_total"`, "name:", "description", `label "le": `, `value "a": given twice`, "buckets [2 1]"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPipeline(t)
			before := p.text(t, "text/plain")
			err := test.define(p.Meter)
			if err == nil {
				t.Fatal("the definition was taken")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error lacks %q:\n%v", want, err)
				}
			}
			if got := len(err.Error()); got > 2000 {
				t.Errorf("the error has %d bytes", got)
			}
			if got := p.series(t, "x_"); len(got) > 0 {
				t.Errorf("the refused metric has the series %v", got)
			}
			if got, want := strings.Count(p.text(t, "text/plain"), "\ntutorflow_"), strings.Count(before, "\ntutorflow_"); got != want {
				t.Errorf("there are %d series, want %d as before", got, want)
			}
			must[*catalog.Counter](t)(catalog.NewCounter(p.Meter, "x_total", "A counter."))
			must[*catalog.Histogram](t)(catalog.NewHistogram(p.Meter, "x_seconds", "A histogram.", []float64{1}))
		})
	}
}

func TestNameIsTakenOnce(t *testing.T) {
	p := newPipeline(t)
	must[*catalog.Counter](t)(catalog.NewCounter(p.Meter, "x_lessons_total", "A counter."))
	_, again := catalog.NewCounter(p.Meter, "x_lessons_total", "A counter.")
	_, family := catalog.NewGauge(p.Meter, "x_lessons", "A gauge.")
	for _, err := range []error{again, family} {
		if err == nil || !strings.Contains(err.Error(), `name: taken by "x_lessons_total"`) {
			t.Errorf("the error is %v", err)
		}
	}
	p.want(t, "x_", "x_lessons_total 0")
}

func TestInstrumentKeepsTheValuesThatItWasMadeWith(t *testing.T) {
	p := newPipeline(t)
	values, buckets := []string{"algebra", "physics"}, []float64{1, 2}
	label := catalog.Enum[subject]("subject", values...)
	wait := must[*catalog.Histogram](t)(catalog.NewHistogram(p.Meter, "x_wait_seconds", "A histogram.", buckets))
	values[0], buckets[0] = "changed", 1.5
	must[*catalog.CounterBy[subject]](t)(catalog.NewCounterBy(p.Meter, "x_by_total", "A counter.", label))
	p.wantValue(t, `x_by_total{subject="algebra"}`, "0")
	p.wantValue(t, `x_wait_seconds_bucket{le="1"}`, "0")
	wait.Record(t.Context(), 1)
	p.wantValue(t, `x_wait_seconds_bucket{le="1"}`, "1")
}

// refusing is an OpenTelemetry meter that makes no instrument.
type refusing struct {
	metric.Meter
	refuse *bool
}

var errRefused = errors.New("refused")

func (r refusing) Int64ObservableCounter(name string, o ...metric.Int64ObservableCounterOption) (metric.Int64ObservableCounter, error) {
	if *r.refuse {
		return nil, errRefused
	}
	return r.Meter.Int64ObservableCounter(name, o...)
}

func (r refusing) Float64ObservableGauge(name string, o ...metric.Float64ObservableGaugeOption) (metric.Float64ObservableGauge, error) {
	if *r.refuse {
		return nil, errRefused
	}
	return r.Meter.Float64ObservableGauge(name, o...)
}

func (r refusing) Float64Histogram(name string, o ...metric.Float64HistogramOption) (metric.Float64Histogram, error) {
	if *r.refuse {
		return nil, errRefused
	}
	return r.Meter.Float64Histogram(name, o...)
}

func TestInstrumentThatOpenTelemetryRefusesCanBeMadeAgain(t *testing.T) {
	for name, define := range map[string]func(*catalog.Meter) (made bool, err error){
		"counter": func(m *catalog.Meter) (bool, error) {
			c, err := catalog.NewCounter(m, "x_total", "A counter.")
			return c != nil, err
		},
		"counter by one label": func(m *catalog.Meter) (bool, error) {
			c, err := catalog.NewCounterBy(m, "x_total", "A counter.", subjects())
			return c != nil, err
		},
		"counter by two labels": func(m *catalog.Meter) (bool, error) {
			c, err := catalog.NewCounterBy2(m, "x_total", "A counter.", subjects(), levels())
			return c != nil, err
		},
		"gauge": func(m *catalog.Meter) (bool, error) {
			g, err := catalog.NewGauge(m, "x_gauge", "A gauge.")
			return g != nil, err
		},
		"gauge by one label": func(m *catalog.Meter) (bool, error) {
			g, err := catalog.NewGaugeBy(m, "x_gauge", "A gauge.", subjects())
			return g != nil, err
		},
		"histogram": func(m *catalog.Meter) (bool, error) {
			h, err := catalog.NewHistogram(m, "x_seconds", "A histogram.", []float64{1})
			return h != nil, err
		},
		"histogram by one label": func(m *catalog.Meter) (bool, error) {
			h, err := catalog.NewHistogramBy(m, "x_bytes", "A histogram.", []float64{1}, subjects())
			return h != nil, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			refuse := false
			p := newPipelineOver(t, func(m metric.Meter) metric.Meter { return refusing{m, &refuse} })
			refuse = true
			if made, err := define(p.Meter); !errors.Is(err, errRefused) || made {
				t.Errorf("made is %v, the error is %v", made, err)
			}
			p.want(t, overflow+`{metric="x_`)
			refuse = false
			if made, err := define(p.Meter); !made || err != nil {
				t.Errorf("the second time, made is %v, the error is %v", made, err)
			}
		})
	}
}

func TestMeterNeedsAMeter(t *testing.T) {
	if _, err := catalog.NewMeter(nil); err == nil || !strings.Contains(err.Error(), "meter <nil>") {
		t.Errorf("the error is %v", err)
	}
}

// FuzzNameThatIsTakenIsShownUnchanged holds the rules for names to what the
// Prometheus exporter does with them.
func FuzzNameThatIsTakenIsShownUnchanged(f *testing.F) {
	for _, d := range catalog.All() {
		f.Add(d.Name, "subject")
	}
	for _, name := range []string{"x_total_total", "x_ratio", "x_seconds_total", "x_bytes", "x_per_second", "x_milliseconds", "a_0", "x_total_y", "total_x", "total_total"} {
		f.Add(name, "otel_x")
		f.Add(name, "subject") // "otel_x" is refused whatever the name is
	}
	namer := otlptranslator.NewMetricNamer("", otlptranslator.UnderscoreEscapingWithSuffixes)
	var labels otlptranslator.LabelNamer
	f.Fuzz(func(t *testing.T, name, label string) {
		m := newPipeline(t).Meter
		kinds := map[otlptranslator.MetricType]error{}
		_, kinds[otlptranslator.MetricTypeMonotonicCounter] = catalog.NewCounterBy(m, name, "x", catalog.Enum[subject](label, "a"))
		m = newPipeline(t).Meter
		_, kinds[otlptranslator.MetricTypeGauge] = catalog.NewGaugeBy(m, name, "x", catalog.Enum[subject](label, "a"))
		m = newPipeline(t).Meter
		_, kinds[otlptranslator.MetricTypeHistogram] = catalog.NewHistogram(m, name, "x", []float64{1})
		for kind, err := range kinds {
			if err != nil {
				continue
			}
			for _, unit := range slices.Compact([]string{unitOf(name), ""}) {
				if got, err := namer.Build(otlptranslator.Metric{Name: name, Unit: unit, Type: kind}); err != nil || got != name {
					t.Errorf("%q of type %v is shown as %q (%v)", name, kind, got, err)
				}
			}
			if kind == otlptranslator.MetricTypeHistogram {
				continue
			}
			if got, err := labels.Build(label); err != nil || got != label {
				t.Errorf("label %q is shown as %q (%v)", label, got, err)
			}
		}
	})
}

// unitOf is the unit that the package reads off a name.
func unitOf(name string) string {
	switch name = strings.TrimSuffix(name, "_total"); {
	case strings.HasSuffix(name, "_seconds"):
		return "s"
	case strings.HasSuffix(name, "_bytes"):
		return "By"
	}
	return ""
}
