package exporters_test

import (
	"context"
	"strings"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/all"
)

func metrics(context.Context, exporters.Settings) (*exporters.MetricExporter, error) {
	return nil, nil
}

func traces(context.Context, exporters.Settings) (sdktrace.SpanExporter, error) { return nil, nil }

func factories() []exporters.Factory {
	return []exporters.Factory{
		{Name: "prometheus", Metrics: metrics},
		{Name: "console", Metrics: metrics, Traces: traces},
		{Name: "zipkin", Traces: traces},
	}
}

func TestSelect(t *testing.T) {
	for name, test := range map[string]struct {
		signal exporters.Signal
		names  []string
		want   []string
		errors []string
	}{
		"one exporter":                         {exporters.Metrics, []string{"prometheus"}, []string{"prometheus"}, nil},
		"several keep their order":             {exporters.Metrics, []string{"console", "prometheus"}, []string{"console", "prometheus"}, nil},
		"traces":                               {exporters.Traces, []string{"zipkin"}, []string{"zipkin"}, nil},
		"none chooses nothing":                 {exporters.Metrics, []string{"none"}, nil, nil},
		"an empty list is an error":            {exporters.Metrics, nil, nil, []string{`select metrics exporter "": allowed are prometheus, console, none`}},
		"an empty name is an error":            {exporters.Metrics, []string{""}, nil, []string{`select metrics exporter "": allowed are`}},
		"an unknown name is an error":          {exporters.Traces, []string{"jaeger"}, nil, []string{`select traces exporter "jaeger": allowed are console, zipkin, none`}},
		"a name is written as it is":           {exporters.Metrics, []string{"Prometheus"}, nil, []string{`"Prometheus"`}},
		"an exporter that does not carry it":   {exporters.Traces, []string{"prometheus"}, nil, []string{`select traces exporter "prometheus": allowed are console, zipkin, none`}},
		"an unknown signal":                    {"logs", []string{"console"}, nil, []string{`select logs exporter "console": allowed are none`}},
		"none beside another is an error":      {exporters.Metrics, []string{"none", "console"}, nil, []string{`select metrics exporter "none": allowed only alone, not in "none,console"`}},
		"a name given twice is an error":       {exporters.Metrics, []string{"console", "console"}, nil, []string{`select metrics exporter "console": given twice`}},
		"a known exporter that is not linked":  {exporters.Metrics, []string{"otlp"}, nil, []string{`"otlp"`, "telemetry.WithExporters"}},
		"everything that is wrong is told":     {exporters.Metrics, []string{"zipkin", "none", "x"}, nil, []string{`"zipkin"`, `"none"`, `"x"`}},
		"a long name does not flood the error": {exporters.Metrics, []string{strings.Repeat("x", 1<<20)}, nil, []string{`"xxx`}},
	} {
		t.Run(name, func(t *testing.T) {
			chosen, err := exporters.Select(test.signal, test.names, factories())
			var got []string
			for _, f := range chosen {
				got = append(got, f.Name)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("chosen (-want +got):\n%s", diff)
			}
			if (err != nil) != (len(test.errors) > 0) {
				t.Fatalf("the error is %v", err)
			}
			for _, want := range test.errors {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error is %v, want %s", err, want)
				}
			}
			if err != nil && len(err.Error()) > 1000 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
		})
	}
}

func TestCheck(t *testing.T) {
	for name, test := range map[string]struct {
		factories []exporters.Factory
		want      []string
	}{
		"good factories":             {factories(), nil},
		"no factories":               {nil, nil},
		"a name is needed":           {[]exporters.Factory{{Metrics: metrics}}, []string{`register exporter "": name`}},
		"none is no exporter":        {[]exporters.Factory{{Name: "none", Metrics: metrics}}, []string{`register exporter "none": name`}},
		"a name is one word":         {[]exporters.Factory{{Name: "a,b", Metrics: metrics}}, []string{`register exporter "a,b": name`}},
		"a name has no spaces":       {[]exporters.Factory{{Name: " a", Metrics: metrics}}, []string{`register exporter " a": name`}},
		"a signal is needed":         {[]exporters.Factory{{Name: "a"}}, []string{`register exporter "a": carries no signal`}},
		"a name is given once":       {append(factories(), factories()[1]), []string{`register exporter "console": name: given twice`}},
		"everything is in one error": {[]exporters.Factory{{Name: "none"}, {Name: "a"}}, []string{`"none"`, `"a"`}},
	} {
		t.Run(name, func(t *testing.T) {
			err := exporters.Check(test.factories)
			if (err != nil) != (len(test.want) > 0) {
				t.Fatalf("the error is %v", err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error is %v, want %s", err, want)
				}
			}
		})
	}
}

func TestAllExportersAreFitToBeChosen(t *testing.T) {
	found := all.Factories()
	if err := exporters.Check(found); err != nil {
		t.Error(err)
	}
	for signal, names := range map[exporters.Signal][]string{
		exporters.Metrics: {"prometheus", "otlp", "console"},
		exporters.Traces:  {"otlp", "console"},
		exporters.Logs:    {"otlp"},
	} {
		if _, err := exporters.Select(signal, names, found); err != nil {
			t.Error(err)
		}
	}
}
