package alerting_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tutorflow/observability/alerting/alerts"
	"github.com/tutorflow/observability/alerting/internal/runbook"
)

func TestEveryAlertHasARunbookAndEveryRunbookAnAlert(t *testing.T) {
	var want []string
	for _, a := range alerts.All(alerts.Defaults()) {
		want = append(want, a.Name+".md")
	}
	slices.Sort(want)
	want = slices.Compact(want) // several share a name
	files, err := filepath.Glob(runbookDir + "/*.md")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		got = append(got, filepath.Base(f))
	}
	got = slices.DeleteFunc(got, func(name string) bool { return name == runbook.IndexFile })
	if !slices.Equal(got, want) {
		t.Errorf("runbooks are %q, alerts want %q", got, want)
	}
}

func TestRunbooksCanBeFollowed(t *testing.T) {
	type plant struct{ old, new string }
	tests := map[string]struct {
		check runbookCheck
		index bool // holds for the index as well
		plant map[string]plant
	}{
		"severity, time and thresholds are those of the alert": {generatedPart, true, map[string]plant{
			"another threshold":      {"share of 5xx > 5%", "share of 5xx > 6%"},
			"another guard":          {"in 5m ≥ 5", "in 5m ≥ 6"},
			"another severity":       {"| critical |", "| warning |"},
			"another time":           {"| 5m |", "| 10m |"},
			"another expression":     {"ratio5m > 0.05", "ratio5m > 0.06"},
			"no end of it":           {"<!-- /alert -->", ""},
			"two of it":              {"<!-- /alert -->\n", "<!-- /alert -->\n<!-- /alert -->\n"},
			"no generated part left": {"<!-- alert: written by go generate ./alerting/... -->", ""},
		}},
		"the headings are in order and none is empty": {outline, false, map[string]plant{
			"a heading more": {"\n## Impact\n", "\n## Background\n\n## Impact\n"},
			"other order":    {"\n## Impact\n", "\n## Diagnosis\n"},
			"one too few":    {"\n## Impact\n", "\n"},
			"an empty one":   {"\n## Mitigation\n", "\n## Mitigation\n\nLook.\n\n## Rest\n"},
		}},
		"numbers of the alert are not written by hand": {noNumbers, false, map[string]plant{
			"a share":     {"in the last five minutes.", "in the last five minutes, more than 5%."},
			"a number":    {"in the last five minutes.", "in the last 5 minutes."},
			"a long time": {"in the last five minutes.", "for 1.5 hours."},
		}},
		"diagnosis and mitigation are steps": {steps, false, map[string]plant{
			"a list without order":    {"\n1. Which endpoint", "\n- Which endpoint"},
			"one step":                {"\n2. One instance", "\n   One instance"},
			"no query":                {"```promql", "```text"},
			"queries of records only": {"tutorflow_", "job:tutorflow:"},
		}},
		"the title is that of the alert": {title, false, map[string]plant{
			"another title": {"# HighErrorRate\n", "# HighErrors\n"},
		}},
		"metrics exist": {metrics, true, map[string]plant{
			"an unknown one": {"tutorflow_errors_total", "tutorflow_error_total"},
		}},
		"links lead somewhere": {links, true, map[string]plant{
			"a file that is not there":    {"# HighErrorRate\n", "# HighErrorRate\n[x](Unknown.md)\n"},
			"a heading that is not there": {"# HighErrorRate\n", "# HighErrorRate\n[x](HighLatency.md#causes)\n"},
			"none here":                   {"# HighErrorRate\n", "# HighErrorRate\n[x](#causes)\n"},
		}},
		"settings and flags exist": {settings, true, map[string]plant{
			"an unknown setting": {"# HighErrorRate\n", "# HighErrorRate\nOTEL_BSP_QUEUE\n"},
			"an unknown flag":    {"# HighErrorRate\n", "# HighErrorRate\n`-error-rate`\n"},
		}},
		"panels exist": {panels, true, map[string]plant{
			"an unknown one":        {`"Error ratio by endpoint"`, `"Error ratio by route"`},
			"an unknown one of two": {`"Error ratio by endpoint"`, `"Error ratio by endpoint" and "Errors by route"`},
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for file := range runbook.Files(alerts.Defaults()) {
				if file == runbook.IndexFile && !tt.index {
					continue
				}
				for _, problem := range tt.check(file, readRunbook(t, file)) {
					t.Errorf("%s: %s", file, problem)
				}
			}
			const file = "HighErrorRate.md"
			for defect, p := range tt.plant {
				text := readRunbook(t, file)
				planted := strings.ReplaceAll(text, p.old, p.new)
				if planted == text {
					t.Errorf("cannot plant %s: %q is not in %s", defect, p.old, file)
				} else if len(tt.check(file, planted)) == 0 {
					t.Errorf("planted %s and the check did not find it", defect)
				}
			}
		})
	}
}

func TestOtherThresholdsChangeTheRunbooks(t *testing.T) {
	thresholds := alerts.Defaults()
	thresholds.Latency = 2.5
	before, after := runbook.Files(alerts.Defaults()), runbook.Files(thresholds)
	for _, file := range []string{"HighLatency.md", runbook.IndexFile} {
		if !strings.Contains(before[file], "p95 > 1s") || !strings.Contains(after[file], "p95 > 2.5s") {
			t.Errorf("the latency in %s is not that of the thresholds", file)
		}
	}
	if before["HighErrorRate.md"] != after["HighErrorRate.md"] {
		t.Error("the latency changes the runbook of HighErrorRate")
	}
}

// What two runbooks share belongs into one of them, and a link into the other.
func TestNoTwoRunbooksSayTheSame(t *testing.T) {
	texts := map[string]string{}
	for file := range runbook.Files(alerts.Defaults()) {
		texts[file] = readRunbook(t, file)
	}
	for _, problem := range repeated(texts) {
		t.Error(problem)
	}
	texts["Planted.md"] = texts["HighErrorRate.md"]
	if len(repeated(texts)) == 0 {
		t.Error("planted a copy of a runbook and it was not found")
	}
}

// repeated returns the lines of prose that are in two texts.
func repeated(texts map[string]string) (found []string) {
	seen := map[string]string{}
	for file, text := range texts {
		for line := range strings.Lines(query.ReplaceAllString(runbook.Strip(text), "")) {
			if line = strings.TrimSpace(line); len(line) < 60 {
				continue
			}
			if other, ok := seen[line]; ok && other != file {
				found = append(found, file+" and "+other+" say both: "+line)
			}
			seen[line] = file
		}
	}
	return found
}

func readRunbook(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(runbookDir, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
