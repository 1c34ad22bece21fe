package mutants_test

import (
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
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
		for _, d := range defectsOf(r) {
			name := fmt.Sprintf("%s%s %s: %s", r.Record, r.Alert, label(r), d.name)
			planted[name] = true
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				mutated := slices.Clone(rules)
				mutated[i] = d.rule
				caught := slices.ContainsFunc(tests, func(test unitTest) bool {
					return test.reads[i] && !test.passes(t, promtool, mutated)
				})
				switch reason, ok := equivalent[name]; {
				case ok && caught:
					t.Errorf("a test fails, so it is not true that %s\n%s", reason, d.rule.Expr)
				case !ok && !caught:
					t.Errorf("no test fails with\n%s", d.rule.Expr)
				}
			})
		}
	}
	for name := range equivalent {
		if !planted[name] {
			t.Errorf("%q is called equivalent and is not planted", name)
		}
	}
	t.Logf("%d defects planted, %d of them equivalent", len(planted), len(equivalent))
	if len(planted) < 800 {
		t.Errorf("only %d defects planted", len(planted))
	}
}

// promtool refuses what does not parse, whatever the tests are, so it would always
// count as caught.
func TestEachDefectParsesAndEachSlipIsPlanted(t *testing.T) {
	planted := map[string]bool{}
	for _, r := range readRules(t) {
		for _, d := range defectsOf(r) {
			planted[d.name] = true
			if _, err := parser.NewParser(parser.Options{}).ParseExpr(d.rule.Expr); err != nil {
				t.Errorf("%s%s, %s: %v\n%s", r.Record, r.Alert, d.name, err, d.rule.Expr)
			}
		}
	}
	for _, slip := range slips {
		if !planted[slip.name] {
			t.Errorf("there is no rule for %q", slip.name)
		}
	}
}

// defectsOf returns what can be wrong with a rule.
func defectsOf(r rulefmt.Rule) []defect {
	if r.Alert != "" {
		return defectsOfAlert(r)
	}
	return defectsOfRecord(r)
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
		t.Run(test.file, func(t *testing.T) {
			t.Parallel()
			if !test.passes(t, promtool, rules) {
				t.Error("it fails on the rules as they are")
			}
		})
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
