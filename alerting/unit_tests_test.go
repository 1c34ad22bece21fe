package alerting_test

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/tutorflow/observability/alerting"
	"github.com/tutorflow/observability/alerting/alerts"
)

// unitTests is a file of promtool unit tests, as far as it is looked at here.
type unitTests struct {
	RuleFiles []string `yaml:"rule_files"`
	Tests     []struct {
		Name   string `yaml:"name"`
		Alerts []struct {
			Time     string `yaml:"eval_time"`
			Name     string `yaml:"alertname"`
			Expected []struct {
				Labels      map[string]string `yaml:"exp_labels"`
				Annotations map[string]string `yaml:"exp_annotations"`
			} `yaml:"exp_alerts"`
		} `yaml:"alert_rule_test"`
	} `yaml:"tests"`
}

// readUnitTests reads them all, by the name of the file without its ending.
func readUnitTests(t *testing.T) map[string]unitTests {
	t.Helper()
	files, err := fs.Glob(alerting.FS(), "tests/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]unitTests{}
	for _, file := range files {
		data, err := fs.ReadFile(alerting.FS(), file)
		if err != nil {
			t.Fatal(err)
		}
		var u unitTests
		if err := yaml.Unmarshal(data, &u); err != nil {
			t.Fatalf("parse %s: %v", file, err)
		}
		found[strings.TrimSuffix(path.Base(file), ".yaml")] = u
	}
	return found
}

// fileOf is the name of an alert as that of a file: tutorflow_down.
func fileOf(alert string) string {
	var name strings.Builder
	for i, r := range strings.ReplaceAll(alert, "TutorFlow", "Tutorflow") {
		if i > 0 && r >= 'A' && r <= 'Z' {
			name.WriteByte('_')
		}
		name.WriteRune(r)
	}
	return strings.ToLower(name.String())
}

// untested returns the alerts that have no file of their own, that are never
// expected to fire with every label that they have, or never to be silent; and
// the names in the tests that no alert has, of which promtool expects silence
// and always gets it.
func untested(files map[string]unitTests, all []alerts.Alert) []string {
	var found []string
	fires, silent, names := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, a := range all {
		names[a.Name] = true
		if _, ok := files[fileOf(a.Name)]; !ok {
			found = append(found, fmt.Sprintf("%s: there is no tests/%s.yaml", a.Name, fileOf(a.Name)))
		}
	}
	for file, u := range files {
		for _, test := range u.Tests {
			if !strings.Contains(test.Name, " ") {
				found = append(found, fmt.Sprintf("%s: the name %q is no sentence", file, test.Name))
			}
			for _, e := range test.Alerts {
				if !names[e.Name] {
					found = append(found, file+": no alert is called "+e.Name)
				}
				silent[e.Name] = silent[e.Name] || len(e.Expected) == 0
				for _, x := range e.Expected {
					labels := slices.Sorted(maps.Keys(x.Labels))
					fires[fmt.Sprint(e.Name, x.Labels["long_window"], x.Labels["short_window"], x.Labels["slo"], labels, len(x.Annotations))] = true
				}
			}
		}
	}
	for _, a := range all {
		if !silent[a.Name] && len(a.Conditions) > 0 {
			found = append(found, a.Title()+": is never expected to be silent")
		}
		labels := append(a.Labels(), "severity", "component")
		objectives := []string{""}
		if a.LongWindow != "" {
			labels = append(labels, "long_window", "short_window")
			objectives = []string{"availability", "latency"}
		}
		slices.Sort(labels)
		for _, o := range objectives {
			if !fires[fmt.Sprint(a.Name, a.LongWindow, a.ShortWindow, o, labels, 4)] {
				found = append(found, strings.TrimSpace(a.Title()+" "+o)+": is never expected to fire with all labels and annotations")
			}
		}
	}
	return found
}

func TestEveryAlertHasUnitTests(t *testing.T) {
	for _, problem := range untested(readUnitTests(t), alerts.All(alerts.Defaults())) {
		t.Error(problem)
	}
}

func TestUnitTestsReadTheGeneratedRules(t *testing.T) {
	for file, u := range readUnitTests(t) {
		if !slices.Equal(u.RuleFiles, []string{"../rules/tutorflow.yaml"}) {
			t.Errorf("%s tests %q", file, u.RuleFiles)
		}
	}
}

func TestMissingUnitTestsAreFound(t *testing.T) {
	all := alerts.All(alerts.Defaults())
	before := len(untested(readUnitTests(t), all))
	for defect, plant := range map[string]func(map[string]unitTests){
		"a file of another name": func(f map[string]unitTests) {
			f["high_errors"] = f["high_error_rate"]
			delete(f, "high_error_rate")
		},
		"a test without a sentence": func(f map[string]unitTests) { f["high_error_rate"].Tests[0].Name = "TestOne" },
		"a misspelt alert":          func(f map[string]unitTests) { f["high_error_rate"].Tests[0].Alerts[0].Name = "HighErrorsRate" },
		"an alert that never fires": func(f map[string]unitTests) {
			for _, test := range f["high_error_rate"].Tests {
				for i := range test.Alerts {
					test.Alerts[i].Expected = nil
				}
			}
		},
		"an alert that is never silent": func(f map[string]unitTests) {
			fire := f["high_error_rate"].Tests[0].Alerts[2]
			for _, u := range f {
				for _, test := range u.Tests {
					for i := range test.Alerts {
						if test.Alerts[i].Name == "HighErrorRate" {
							test.Alerts[i] = fire
						}
					}
				}
			}
		},
		"an objective without a slow burn": func(f map[string]unitTests) { delete(f, "tutorflow_error_budget_burn_over_hours") },
		"a label that is not expected": func(f map[string]unitTests) {
			for _, test := range f["tutorflow_restart_loop"].Tests {
				for _, e := range test.Alerts {
					for _, x := range e.Expected {
						delete(x.Labels, "component")
					}
				}
			}
		},
	} {
		files := readUnitTests(t)
		plant(files)
		if len(untested(files, all)) <= before {
			t.Errorf("planted %s and nothing was found", defect)
		}
	}
}
