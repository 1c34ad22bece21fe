package catalog_test

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// newCatalogue makes every instrument of the catalogue, with one of everything
// that a program declares.
func newCatalogue(tb testing.TB) *pipeline {
	tb.Helper()
	p := newPipeline(tb)
	must[*catalog.Business](tb)(p.Business())
	h := must[*catalog.HTTP](tb)(p.HTTP("card_declined"))
	h.Declare("GET /bookings/{id}")
	x := []catalog.ExternalService{{Name: "toss_payments", Operations: []string{"confirm"}}}
	must[*catalog.ExternalServices](tb)(p.ExternalServices(x...))
	pools := must[*catalog.Pools](tb)(p.Pools())
	must[func() error](tb)(pools.Observe("primary", func() catalog.PoolStats {
		return catalog.PoolStats{Active: 1, Idle: 2, Max: 3, Waits: 4, Waited: 5 * time.Second}
	}))
	health := must[*catalog.Health](tb)(p.Health())
	must[func() error](tb)(health.Observe(func(yield func(string, bool, float64)) { yield("database", true, .5) }))
	self := must[*catalog.Self](tb)(p.Self())
	self.Exports("prometheus", "metrics")
	if err := self.LogLinesDropped(func(yield func(string, int64)) { yield("full", 0) }); err != nil {
		tb.Fatal(err)
	}
	if err := p.Info(catalog.Application{Name: "api", Version: "1.4.0", Revision: "abc", Environment: "test"}); err != nil {
		tb.Fatal(err)
	}
	return p
}

// foreign are the lines of other sources, with values that change.
var foreign = regexp.MustCompile(`(?m)^(# (HELP|TYPE|UNIT) )?(go|process|promhttp|target)_.*\n`)

func TestExpositionOfTheCatalogue(t *testing.T) {
	p := newCatalogue(t)
	for file, accept := range map[string]string{
		"catalogue.txt":         "text/plain",
		"catalogue.openmetrics": "application/openmetrics-text;version=1.0.0",
	} {
		text := p.text(t, accept)
		golden(t, file, foreign.ReplaceAllString(text, ""))
		if strings.Contains(text, "otel_scope_") {
			t.Errorf("%s: a series has a label of the scope", file)
		}
	}
}

func families(t *testing.T, text string) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	found, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestDefinitionsAreWhatIsExported(t *testing.T) {
	found := families(t, newCatalogue(t).text(t, "text/plain"))
	types := map[catalog.Kind]dto.MetricType{
		catalog.KindCounter: dto.MetricType_COUNTER, catalog.KindGauge: dto.MetricType_GAUGE,
		catalog.KindUpDownCounter: dto.MetricType_GAUGE, catalog.KindHistogram: dto.MetricType_HISTOGRAM,
	}
	defined := make(map[string]bool)
	for _, d := range catalog.All() {
		if defined[d.Name] {
			t.Errorf("%s is defined twice", d.Name)
		}
		defined[d.Name] = true
		if looked, ok := catalog.Lookup(d.Name); !ok || looked.Description != d.Description {
			t.Errorf("%s is looked up as %v", d.Name, looked)
		}
		family := found[d.Name]
		if family == nil {
			t.Errorf("%s is not exported under its name", d.Name)
			continue
		}
		if family.GetType() != types[d.Kind] || family.GetHelp() != d.Description {
			t.Errorf("%s is exported as %v %q", d.Name, family.GetType(), family.GetHelp())
		}
		checkMetrics(t, d, family)
	}
	for name := range found {
		if strings.HasPrefix(name, "tutorflow_") && !defined[name] {
			t.Errorf("%s is exported but not defined", name)
		}
	}
	if _, ok := catalog.Lookup("tutorflow_nothing"); ok {
		t.Error("tutorflow_nothing is defined")
	}
}

// checkMetrics holds the labels and buckets of a family to its definition.
func checkMetrics(t *testing.T, d catalog.Definition, family *dto.MetricFamily) {
	t.Helper()
	values := make(map[string][]string)
	for _, l := range d.Labels {
		values[l.Name] = l.Values
	}
	for _, m := range family.GetMetric() {
		for _, l := range m.GetLabel() {
			allowed, known := values[l.GetName()]
			if !known || len(allowed) > 0 && !slices.Contains(allowed, l.GetValue()) {
				t.Errorf("%s has the label %s=%q", d.Name, l.GetName(), l.GetValue())
			}
		}
		if len(m.GetLabel()) != len(values) {
			t.Errorf("%s has the labels %v, want %v", d.Name, m.GetLabel(), slices.Collect(maps.Keys(values)))
		}
		if d.Kind != catalog.KindHistogram {
			continue
		}
		var bounds []float64
		for _, b := range m.GetHistogram().GetBucket() {
			bounds = append(bounds, b.GetUpperBound())
		}
		if !slices.Equal(bounds[:len(bounds)-1], d.Buckets) {
			t.Errorf("%s has the buckets %v, want %v", d.Name, bounds, d.Buckets)
		}
	}
}

func TestClosedLabelsHaveEveryValueFromTheStart(t *testing.T) {
	found := families(t, newCatalogue(t).text(t, "text/plain"))
	for _, name := range []string{catalog.Bookings, catalog.Payments, catalog.Attendance} {
		d, _ := catalog.Lookup(name)
		if got, want := len(found[name].GetMetric()), len(d.Labels[0].Values); got != want || want < 3 {
			t.Errorf("%s has %d series, want %d", name, got, want)
		}
	}
}

func TestCatalogueIsCleanForPromlint(t *testing.T) {
	text := newCatalogue(t).text(t, "text/plain")
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Errorf("%s: %s", problem.Metric, problem.Text)
	}
	// The same lint finds a metric that is wrong.
	bad := bytes.ReplaceAll([]byte(text), []byte(catalog.Reviews), []byte("tutorflow_Reviews"))
	if problems, err := promlint.New(bytes.NewReader(bad)).Lint(); err != nil || len(problems) == 0 {
		t.Errorf("a bad name is taken: %v, %v", problems, err)
	}
}

func TestSlicesOfDefinitionsAreTheCallers(t *testing.T) {
	all := catalog.All()
	for i := range all {
		clear(all[i].Buckets)
		for j := range all[i].Labels {
			clear(all[i].Labels[j].Values)
		}
	}
	clear(catalog.Methods())
	clear(catalog.ErrorTypes())
	for _, d := range catalog.All() {
		if len(d.Buckets) > 0 && d.Buckets[0] == 0 || len(d.Labels) > 0 && len(d.Labels[0].Values) > 0 && d.Labels[0].Values[0] == "" {
			t.Errorf("%s was changed: %v", d.Name, d)
		}
	}
}

func TestLabelValueIsShortUTF8(t *testing.T) {
	for value, want := range map[string]string{
		"":                            "",
		"api":                         "api",
		"a\xff\xfeb":                  "a\uFFFDb",
		strings.Repeat("x", 129):      strings.Repeat("x", 128),
		strings.Repeat("é", 65):       strings.Repeat("é", 64),
		"x" + strings.Repeat("é", 64): "x" + strings.Repeat("é", 63),
	} {
		if got := catalog.LabelValue(value); got != want {
			t.Errorf("%q becomes %q, want %q", value, got, want)
		}
	}
}
