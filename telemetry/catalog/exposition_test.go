package catalog_test

import (
	"cmp"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// The formats that a scraper may ask for.
const (
	openMetrics = "application/openmetrics-text;version=1.0.0"
	protobuf    = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
)

// decoded is the scrape in protobuf, read as Prometheus does.
func (p *pipeline) decoded(t *testing.T) map[string]*dto.MetricFamily {
	t.Helper()
	decoder := expfmt.NewDecoder(strings.NewReader(p.text(t, protobuf)), expfmt.NewFormat(expfmt.TypeProtoDelim))
	found := make(map[string]*dto.MetricFamily)
	for {
		family := &dto.MetricFamily{}
		if err := decoder.Decode(family); errors.Is(err, io.EOF) {
			return found
		} else if err != nil {
			t.Fatal(err)
		}
		found[family.GetName()] = family
	}
}

// line is one sample of a family, as the text format would have it.
type line struct {
	name, labels string
	le, value    float64
}

// linesOf are the samples of a family whatever format it comes from.
func linesOf(f *dto.MetricFamily) (all []line) {
	for _, m := range f.GetMetric() {
		var labels string
		for _, l := range m.GetLabel() {
			labels += l.GetName() + "=" + strconv.Quote(l.GetValue()) + ","
		}
		switch h := m.GetHistogram(); {
		case h != nil:
			all = append(all, line{f.GetName() + "_count", labels, 0, float64(h.GetSampleCount())}, line{f.GetName() + "_sum", labels, 0, h.GetSampleSum()})
			for _, b := range h.GetBucket() {
				if !math.IsInf(b.GetUpperBound(), 1) { // which protobuf leaves out
					all = append(all, line{f.GetName() + "_bucket", labels, b.GetUpperBound(), float64(b.GetCumulativeCount())})
				}
			}
		case m.GetCounter() != nil:
			all = append(all, line{f.GetName(), labels, 0, m.GetCounter().GetValue()})
		default:
			all = append(all, line{f.GetName(), labels, 0, m.GetGauge().GetValue()})
		}
	}
	slices.SortFunc(all, func(a, b line) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.labels, b.labels), cmp.Compare(a.le, b.le))
	})
	return all
}

// wantAlike wants a family in protobuf to be that of the text format.
func wantAlike(t *testing.T, text, binary *dto.MetricFamily) {
	t.Helper()
	if text.GetType() != binary.GetType() || text.GetHelp() != binary.GetHelp() {
		t.Errorf("%s is a %v %q in text, a %v %q in protobuf", text.GetName(), text.GetType(), text.GetHelp(), binary.GetType(), binary.GetHelp())
	}
	if diff := gocmp.Diff(linesOf(text), linesOf(binary), gocmp.AllowUnexported(line{})); diff != "" {
		t.Errorf("%s differs in protobuf (-text +protobuf):\n%s", text.GetName(), diff)
	}
}

// numbered is a line of the text format, or of OpenMetrics with its numbers
// written as in the former: OpenMetrics has 1.0 for 1, in le as well.
func numbered(line string) string {
	at := strings.LastIndexByte(line, ' ')
	series, value := line[:at], number(line[at+1:])
	if start := strings.LastIndex(series, `le="`); start >= 0 && strings.Contains(series, "_bucket{") {
		start += len(`le="`)
		series = series[:start] + number(strings.TrimSuffix(series[start:], `"}`)) + `"}`
	}
	return series + " " + value
}

func number(s string) string {
	if v, err := strconv.ParseFloat(s, 64); err == nil {
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return s
}

// samples are the lines of series whose names begin with prefix.
func samples(text, prefix string) (all []string) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, prefix) {
			all = append(all, numbered(strings.TrimSuffix(line, "\n")))
		}
	}
	return all
}

func TestFormatsShowTheSameSeries(t *testing.T) {
	p := newCatalogue(t)
	text := p.text(t, "text/plain")
	binary := p.decoded(t)
	for name, family := range families(t, text) {
		if strings.HasPrefix(name, "tutorflow_") {
			wantAlike(t, family, binary[name])
			delete(binary, name)
		}
	}
	for name := range binary {
		if strings.HasPrefix(name, "tutorflow_") {
			t.Errorf("%s is in protobuf alone", name)
		}
	}
	if diff := gocmp.Diff(samples(text, "tutorflow_"), samples(p.text(t, openMetrics), "tutorflow_")); diff != "" {
		t.Errorf("OpenMetrics differs (-text +OpenMetrics):\n%s", diff)
	}
}

// FuzzExposition declares anything, and wants the constructor to refuse it or
// every format of the scrape to show it as it is.
func FuzzExposition(f *testing.F) {
	f.Add("lessons", "subject", "algebra", "physics", "Lessons given.", 2.5)
	f.Add("lesson_seconds", "le_x", "a\"b\\c\nd", "{}=,", "A \"quoted\"\\\nhelp", 1.0)
	f.Add("lesson_bytes", "a", " ", "\u2028\u0085\r", "\r\n# EOF", 1e-7)
	f.Add("y", "b_0", "\xff", "\x00", "\xff", math.Inf(1))
	f.Add("y_z", "a_b", "# HELP", "x_y_z 1", "\xc3", 1e21)
	f.Add("X", "quantile", "", strings.Repeat("한", 43), "", math.SmallestNonzeroFloat64)
	f.Fuzz(func(t *testing.T, name, label, first, second, help string, bound float64) {
		name = "x_" + name
		p := newPipeline(t)
		by := catalog.Enum[subject](label, first, second)
		counter, counterErr := catalog.NewCounterBy(p.Meter, name+"_total", help, by)
		gauge, gaugeErr := catalog.NewGaugeBy(p.Meter, name+"_now", help, by)
		histogram, histogramErr := catalog.NewHistogramBy(p.Meter, name+"_size", help, []float64{bound}, by)
		counter.AddN(t.Context(), 3, 0)
		gauge.Set(t.Context(), -2.5, 1)
		histogram.Record(t.Context(), 0.25, 0)
		h := must[*catalog.HTTP](t)(p.HTTP())
		route := h.Declare("GET /" + first).Template()
		if err := p.Info(catalog.Application{Name: first, Version: second, Revision: help, Environment: label}); err != nil {
			t.Fatal(err)
		}

		text := p.text(t, "text/plain")
		shown, binary := families(t, text), p.decoded(t)
		for family, err := range map[string]error{name + "_total": counterErr, name + "_now": gaugeErr, name + "_size": histogramErr, catalog.ApplicationInfo: nil, catalog.Errors: nil} {
			if err != nil {
				if !utf8.ValidString(err.Error()) || len(err.Error()) > 5000 || !strings.Contains(err.Error(), "allowed") && !strings.Contains(err.Error(), "must") {
					t.Errorf("the error is %q", err)
				}
				continue
			}
			if shown[family] == nil || binary[family] == nil {
				t.Errorf("%s is taken and not shown", family)
				continue
			}
			wantAlike(t, shown[family], binary[family])
		}
		if counterErr == nil {
			wantLine(t, shown[name+"_total"], line{name + "_total", label + "=" + strconv.Quote(first) + ",", 0, 3}, help)
		}
		if gaugeErr == nil {
			wantLine(t, shown[name+"_now"], line{name + "_now", label + "=" + strconv.Quote(second) + ",", 0, -2.5}, help)
		}
		if histogramErr == nil {
			wantLine(t, shown[name+"_size"], line{name + "_size_sum", label + "=" + strconv.Quote(first) + ",", 0, 0.25}, help)
		}
		wantLine(t, shown[catalog.Errors], line{catalog.Errors, `endpoint=` + strconv.Quote(route) + `,error_type="panic",`, 0, 0}, shown[catalog.Errors].GetHelp())
		open := p.text(t, openMetrics)
		for _, prefix := range []string{"x_", "tutorflow_"} {
			if got, want := samples(open, prefix), samples(text, prefix); !slices.Equal(got, want) {
				t.Errorf("in OpenMetrics %q, in text %q", got, want)
			}
		}
	})
}

func wantLine(t *testing.T, f *dto.MetricFamily, want line, help string) {
	t.Helper()
	if !slices.Contains(linesOf(f), want) || f.GetHelp() != help {
		t.Errorf("%+v with the help %q is not among %+v with %q", want, help, linesOf(f), f.GetHelp())
	}
}
