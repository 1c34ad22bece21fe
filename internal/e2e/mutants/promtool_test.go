package mutants_test

import (
	"cmp"
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
	"go.yaml.in/yaml/v3"
)

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
	// Any other status is not its verdict: it was killed, or it panicked.
	if err != nil && cmd.ProcessState.ExitCode() != 1 {
		t.Fatalf("run promtool: %v\n%s", err, output)
	}
	return err == nil
}
