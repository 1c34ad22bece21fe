package e2e_test

import (
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"github.com/tutorflow/observability/dashboards"
)

// grafanaProblems returns what Grafana's own types refuse of a dashboard: fields
// that they do not have, and fields that they miss. They know neither the
// options of an alert list and of transformations, nor the values of overrides.
func grafanaProblems(data []byte) string {
	//lint:ignore SA1019 the classic JSON is what every Grafana imports and provisions
	var b dashboard.Dashboard
	problems := []string{text(b.UnmarshalJSONStrict(data)), text(b.Validate())}
	// Of a panel's field configuration the types read only the custom part
	// strictly.
	var panels struct {
		Panels []struct{ FieldConfig json.RawMessage }
	}
	problems = append(problems, text(json.Unmarshal(data, &panels)))
	for _, p := range panels.Panels {
		var fields dashboard.FieldConfigSource
		problems = append(problems, text(fields.UnmarshalJSONStrict(p.FieldConfig)))
	}
	return strings.TrimSpace(strings.Join(problems, "\n"))
}

// text of an error: the SDK returns an empty list of errors for none.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestGrafanaKnowsEveryFieldOfTheDashboards(t *testing.T) {
	plugins.RegisterDefaultPlugins()
	for _, d := range dashboards.List() {
		data, err := fs.ReadFile(dashboards.FS(), d.File)
		if err != nil {
			t.Fatal(err)
		}
		if problems := grafanaProblems(data); problems != "" {
			t.Errorf("%s: %s", d.File, problems)
		}
	}
}

func TestAMisspeltFieldOfADashboardIsFound(t *testing.T) {
	plugins.RegisterDefaultPlugins()
	for name, field := range map[string]string{
		"of a dashboard":          "graphTooltip",
		"of a variable":           "allValue",
		"of an annotation":        "titleFormat",
		"of a link":               "keepTime",
		"of a panel":              "gridPos",
		"of a query":              "legendFormat",
		"of a field":              "noValue",
		"of a value mapping":      "mappings",
		"of an override":          "properties",
		"of a stat":               "reduceOptions",
		"of a graph":              "tooltip",
		"of a graph's lines":      "drawStyle",
		"of a heatmap":            "filterValues",
		"of a heatmap's axis":     "axisPlacement",
		"of a table":              "showHeader",
		"of a state timeline":     "mergeValues",
		"of a row":                "collapsed",
		"of a transformation":     "transformations",
		"of a panel's thresholds": "steps",
	} {
		found := false
		for _, d := range dashboards.List() {
			data, err := fs.ReadFile(dashboards.FS(), d.File)
			if err != nil {
				t.Fatal(err)
			}
			planted := strings.Replace(string(data), `"`+field+`":`, `"`+field+`x":`, 1)
			found = found || planted != string(data) && grafanaProblems([]byte(planted)) != ""
		}
		if !found {
			t.Errorf("planted a misspelt field %s, %sx, and it was not found", name, field)
		}
	}
}
