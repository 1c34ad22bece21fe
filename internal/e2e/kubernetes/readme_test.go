package kubernetes_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"

	"github.com/tutorflow/observability/alerting"
)

// rule is one of the rule file.
type rule struct{ Record, Alert, Expr string }

func ruleFile(t *testing.T) (all []rule) {
	t.Helper()
	text, err := fs.ReadFile(alerting.FS(), "rules/tutorflow.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Groups []struct{ Rules []rule } }
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, g := range file.Groups {
		all = append(all, g.Rules...)
	}
	return all
}

// series returns the names that an expression reads.
func series(t *testing.T, expression string) (names []string) {
	t.Helper()
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expression)
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	for _, selector := range parser.ExtractSelectors(parsed) {
		for _, m := range selector {
			if m.Name == model.MetricNameLabel {
				names = append(names, m.Value)
			}
		}
	}
	return names
}

// ofScrapes returns the alerts that read what only a scrape writes, themselves or
// through what other rules record.
func ofScrapes(t *testing.T, rules []rule) (alerts []string) {
	t.Helper()
	scraped := regexp.MustCompile(`^(up|scrape_.*|promhttp_.*)$`)
	recorded := []string{}
	for range rules { // as often as one can lead to the next
		for _, r := range rules {
			for _, name := range series(t, r.Expr) {
				if !scraped.MatchString(name) && !slices.Contains(recorded, name) {
					continue
				}
				if r.Alert != "" && !slices.Contains(alerts, r.Alert) {
					alerts = append(alerts, r.Alert)
				}
				if r.Record != "" && !slices.Contains(recorded, r.Record) {
					recorded = append(recorded, r.Record)
				}
			}
		}
	}
	slices.Sort(alerts)
	return alerts
}

func TestTheREADMENamesTheAlertsThatAServiceThatPushesDoesNotHave(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(folder, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(text), "Of the rules these are: ")
	list, _, _ := strings.Cut(after, ".")
	want := "none"
	if alerts := ofScrapes(t, ruleFile(t)); len(alerts) > 0 {
		want = "`" + strings.Join(alerts, "`, `") + "`"
	}
	if got := strings.Join(strings.Fields(list), " "); !found || got != want {
		t.Errorf("README.md says %q, want %q", got, want)
	}

	planted := []rule{
		{Alert: "Direct", Expr: `up{job="x"} == 0`},
		{Alert: "Later", Expr: "job:seen:count > 0"},
		{Record: "job:seen:count", Expr: "count by (job) (scrape_samples_scraped)"},
		{Alert: "Other", Expr: "tutorflow_application_info == 0"},
	}
	if got := ofScrapes(t, planted); !slices.Equal(got, []string{"Direct", "Later"}) {
		t.Errorf("of the planted rules %v read what a scrape writes", got)
	}
}

func TestTheQueriesOfTheREADMEParse(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(folder, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```promql\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) != 2 {
		t.Errorf("README.md has %d queries, want 2", len(blocks))
	}
	for _, b := range blocks {
		if len(series(t, b[1])) == 0 {
			t.Errorf("%s reads nothing", b[1])
		}
	}
}

// The Collector validates the file and runs with it in make test-stack.
func TestTheConfigMapOfTheCollectorIsTheFile(t *testing.T) {
	file, err := os.ReadFile(filepath.Join(folder, "collector-config.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	m := read(t, build(t))
	volumes := m.of("Deployment", gateway).Spec.Template.Spec.Volumes
	if len(volumes) != 1 {
		t.Fatalf("the Collector has %d volumes, want 1", len(volumes))
	}
	if got := m.of("ConfigMap", volumes[0].ConfigMap.Name).Data; len(got) != 1 || got["config.yaml"] != string(file) {
		t.Errorf("the Collector mounts %v, want collector-config.yaml as config.yaml", got)
	}
}

func TestEachFileIsInTheKustomizationAndInTheREADME(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(folder, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	kustomization, err := os.ReadFile(filepath.Join(folder, "kustomization.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%d manifests: %v", len(files), err)
	}
	for _, f := range files {
		name := filepath.Base(f)
		if !strings.Contains(string(kustomization), name) && name != "kustomization.yaml" {
			t.Errorf("kustomization.yaml leaves out %s", name)
		}
		if !strings.Contains(string(readme), "`"+name+"`") {
			t.Errorf("README.md leaves out %s", name)
		}
	}
}
