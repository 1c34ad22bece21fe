package reference_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/catalog/internal/reference"
)

func TestPageIsUpToDate(t *testing.T) {
	want, err := reference.Markdown(catalog.All())
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("docs/metrics.md is not what \"go generate ./telemetry/catalog\" writes (-want +got):\n%s", diff)
	}
}

func TestPageShowsTheWholeDefinition(t *testing.T) {
	page, err := reference.Markdown(catalog.All())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range catalog.All() {
		_, row, found := strings.Cut(string(page), "| `"+d.Name+"` | "+string(d.Kind)+" |")
		row, _, _ = strings.Cut(row, "\n")
		if !found || !strings.Contains(row, d.Description) {
			t.Errorf("%s is not on the page", d.Name)
		}
		for _, l := range d.Labels {
			if !strings.Contains(row, "**"+l.Name+"**: ") {
				t.Errorf("%s is without its label %s", d.Name, l.Name)
			}
			for _, v := range l.Values {
				if !strings.Contains(row, "`"+v+"`") {
					t.Errorf("%s is without %s=%s", d.Name, l.Name, v)
				}
			}
		}
		if len(d.Buckets) > 0 && !strings.Contains(row, "Buckets: 0.") {
			t.Errorf("%s is without its buckets", d.Name)
		}
	}
}

func TestMetricThatThePageCannotShowIsAnError(t *testing.T) {
	for want, d := range map[string]catalog.Definition{
		"1 rows for 2 metrics":                            {Name: "elsewhere_total", Kind: catalog.KindCounter},
		`label "colour" has no values and no description`: {Name: "tutorflow_http_colours_total", Kind: catalog.KindCounter, Labels: []catalog.Label{{Name: "colour"}}},
	} {
		_, err := reference.Markdown([]catalog.Definition{catalog.All()[0], d})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %q", err, want)
		}
	}
}
