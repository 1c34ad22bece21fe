package mutants_test

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"
)

// equivalent are the defects that change nothing, with the reason.
var equivalent = map[string]string{
	"job:tutorflow_payments_failed:increase15m : the largest for the sum, place 2":               timesZero,
	"job:tutorflow_payments_failed:increase15m : a rate for an increase, place 2":                timesZero,
	"job:tutorflow_payments_failed:increase15m : the second status of two":                       whereNoneFailed,
	"job:tutorflow_payments_failed:ratio15m : the largest for the sum, place 2":                  timesZero,
	"job:tutorflow_payments_failed:ratio15m : a rate for an increase, place 2":                   timesZero,
	"job:tutorflow_payments_failed:ratio15m : the second status of two":                          whereNoneFailed,
	"job:tutorflow_payments_failed:ratio15m : every status, place 2":                             withoutWhole,
	"job:tutorflow_payments_failed:ratio15m : a window of a quarter of an hour doubled, place 2": withoutWhole,
	"job_exporter_signal:tutorflow_telemetry_exports_failed:ratio15m : every exporter":           withoutWhole,
	"job_exporter_signal:tutorflow_telemetry_exports_failed:ratio15m : every exporter, place 2":  "there is no part without the filter of the other place",
	"job_instance:promhttp_metric_handler_errors:increase15m : the largest for the sum":          "an instance has one series of a cause",
}

const (
	timesZero       = "any number is 0 times 0"
	whereNoneFailed = "zeros are taken where there is no series of failed payments"
	withoutWhole    = "a part for which there is no whole gives no ratio"
)

func TestThePromtoolTestsCatchEveryPlantedDefect(t *testing.T) {
	promtool := os.Getenv("TUTORFLOW_TEST_MUTANTS")
	if promtool == "" {
		t.Skip("minutes long: make mutants runs it")
	}
	rules := readRules(t)
	tests := readTests(t, rules)
	planted := map[string]bool{}
	for i, r := range rules {
		defects := defectsOfRecord(r)
		if r.Alert != "" {
			defects = defectsOfAlert(r)
		}
		for _, d := range defects {
			name := fmt.Sprintf("%s%s %s: %s", r.Record, r.Alert, label(r), d.name)
			planted[name] = true
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				mutated := slices.Clone(rules)
				mutated[i] = d.rule
				if reason, ok := equivalent[name]; ok {
					t.Skip(reason)
				}
				if _, err := parser.NewParser(parser.Options{}).ParseExpr(d.rule.Expr); err != nil {
					t.Fatalf("is no rule, so no test need find it: %v\n%s", err, d.rule.Expr)
				}
				for _, test := range tests {
					if test.reads[i] && !test.passes(t, promtool, mutated) {
						return
					}
				}
				t.Errorf("no test fails with\n%s", d.rule.Expr)
			})
		}
	}
	for name := range equivalent {
		if !planted[name] {
			t.Errorf("%q is called equivalent and is not planted", name)
		}
	}
	t.Logf("%d defects planted, %d of them equivalent", len(planted), len(equivalent))
	if len(planted) < 750 {
		t.Errorf("only %d defects planted", len(planted))
	}
}

// Each test passes on the rules that it reads alone, so that a mutant fails for
// its defect and not for what was left out.
func TestTheTestsPassWithoutADefect(t *testing.T) {
	promtool := os.Getenv("TUTORFLOW_TEST_MUTANTS")
	if promtool == "" {
		t.Skip("make mutants runs it")
	}
	rules := readRules(t)
	for _, test := range readTests(t, rules) {
		if !test.passes(t, promtool, rules) {
			t.Errorf("%s fails on the rules as they are", test.file)
		}
	}
}

// label tells rules of one name apart.
func label(r rulefmt.Rule) string {
	return strings.TrimSpace(r.Labels["slo"] + " " + r.Labels["long_window"])
}

func readRules(t *testing.T) []rulefmt.Rule {
	t.Helper()
	data, err := os.ReadFile("../../../alerting/rules/tutorflow.yaml")
	if err != nil {
		t.Fatal(err)
	}
	groups, errs := rulefmt.Parse(data, false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.Default())
	if len(errs) > 0 || len(groups.Groups) != 1 {
		t.Fatalf("%d groups: %v", len(groups.Groups), errs)
	}
	return groups.Groups[0].Rules
}

// unitTest is a file of promtool's tests.
type unitTest struct {
	file  string
	text  string
	reads map[int]bool // the rules that it needs, by their index
}

// readTests finds which rules a test needs: those that it names, and what these
// read in turn. Fewer rules make a mutant much faster.
func readTests(t *testing.T, rules []rulefmt.Rule) (tests []unitTest) {
	t.Helper()
	files, err := filepath.Glob("../../../alerting/tests/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d tests: %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		test := unitTest{file: filepath.Base(file), text: string(data), reads: map[int]bool{}}
		named := map[string]bool{}
		for _, name := range ruleName.FindAllString(test.text, -1) {
			named[name] = true
		}
		for i := len(rules) - 1; i >= 0; i-- {
			if name := rules[i].Record + rules[i].Alert; named[name] {
				test.reads[i] = true
				for _, below := range ruleName.FindAllString(rules[i].Expr, -1) {
					named[below] = true
				}
			}
		}
		tests = append(tests, test)
	}
	// Those that read few rules are cheap, and so are short ones: they look first.
	slices.SortStableFunc(tests, func(a, b unitTest) int {
		return cmp.Or(len(a.reads)-len(b.reads), len(a.text)-len(b.text))
	})
	return tests
}

var ruleName = regexp.MustCompile(`\b[a-z_]+:[a-z0-9_]+:[a-z0-9_]+\b|\b[A-Z][A-Za-z]+\b`)

// passes runs the test on those of the rules that it reads.
func (u unitTest) passes(t *testing.T, promtool string, rules []rulefmt.Rule) bool {
	t.Helper()
	dir := t.TempDir()
	group := rulefmt.RuleGroup{Name: "tutorflow", Interval: model.Duration(60e9)}
	for _, i := range slices.Sorted(maps.Keys(u.reads)) {
		group.Rules = append(group.Rules, rules[i])
	}
	data, err := yaml.Marshal(rulefmt.RuleGroups{Groups: []rulefmt.RuleGroup{group}})
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(u.text, "../rules/tutorflow.yaml", "rules.yaml")
	for name, data := range map[string][]byte{"rules.yaml": data, "test.yaml": []byte(text)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(promtool, "test", "rules", filepath.Join(dir, "test.yaml"))
	cmd.Env = append(os.Environ(), "GOGC=400") // it lives for a second
	output, err := cmd.CombinedOutput()
	if _, failed := err.(*exec.ExitError); err != nil && !failed {
		t.Fatalf("%v\n%s", err, output)
	}
	return err == nil
}
