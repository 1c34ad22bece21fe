package reliability_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	root       = "../.."
	comparison = "internal/e2e/comparison"
)

// table is a Markdown table: its header and its rows, by cell.
type table struct {
	header []string
	rows   [][]string
}

// tables are those of a page. Fenced code has none.
func tables(page string) (found []table) {
	inTable := false
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			inTable = false
			continue
		}
		cells := strings.Split(strings.Trim(strings.ReplaceAll(line, `\|`, "\x00"), "|"), "|")
		for i := range cells {
			cells[i] = strings.ReplaceAll(strings.TrimSpace(cells[i]), "\x00", "|")
		}
		switch last := len(found) - 1; {
		case !inTable:
			found = append(found, table{header: cells})
		case strings.Trim(cells[0], "-:") != "":
			found[last].rows = append(found[last].rows, cells)
		}
		inTable = true
	}
	return found
}

// group is the tests of one package in a cell, such as
// "`telemetry/zaplog` TestA, FuzzB".
var group = regexp.MustCompile("^`([a-z0-9/]+)` ((?:(?:Test|Fuzz)[A-Za-z0-9]+)(?:, (?:Test|Fuzz)[A-Za-z0-9]+)*)$")

// problems are what is wrong with the promises of a page, and how many promises
// and tests there are. The test functions of a package come from declared.
func problems(page string, declared func(dir string) ([]string, error)) (wrong []string, promises, tests int) {
	for _, t := range tables(page) {
		if !slices.Equal(t.header, []string{"Fault", "Promise", "Tests", "Found"}) {
			continue
		}
		for _, row := range t.rows {
			promises++
			if len(row) != len(t.header) || slices.Contains(row, "") {
				wrong = append(wrong, fmt.Sprintf("%.60q: each cell needs a text", row))
				continue
			}
			for _, text := range strings.Split(row[2], "; ") {
				match := group.FindStringSubmatch(text)
				if match == nil {
					wrong = append(wrong, fmt.Sprintf("%.60s: %q is no package with its tests", row[0], text))
					continue
				}
				known, err := declared(match[1])
				if err != nil {
					wrong = append(wrong, fmt.Sprintf("%.60s: %v", row[0], err))
				}
				for _, name := range strings.Split(match[2], ", ") {
					tests++
					if !slices.Contains(known, name) {
						wrong = append(wrong, fmt.Sprintf("%.60s: %s has no %s", row[0], match[1], name))
					}
				}
			}
		}
	}
	return wrong, promises, tests
}

// declaredTests are the tests of the package in dir.
func declaredTests(dir string) (names []string, err error) {
	err = eachTestFile(dir, func(file *ast.File) {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				names = append(names, f.Name.Name)
			}
		}
	})
	return names, err
}

func eachTestFile(dir string, look func(*ast.File)) error {
	paths, err := filepath.Glob(filepath.Join(root, dir, "*_test.go"))
	if err != nil || len(paths) == 0 {
		return fmt.Errorf("no tests in %s (%v)", dir, err)
	}
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		look(file)
	}
	return nil
}

func readPage(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(root, "docs", "reliability.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

func TestEachPromiseNamesTestsThatExist(t *testing.T) {
	wrong, promises, tests := problems(readPage(t), declaredTests)
	for _, w := range wrong {
		t.Error(w)
	}
	if promises < 60 || tests < promises {
		t.Errorf("only %d promises with %d tests", promises, tests)
	}
}

func TestThePageHasAReportOfTenMinutesOfSoak(t *testing.T) {
	_, rest, _ := strings.Cut(readPage(t), "<!-- soak -->\n")
	report, _, closed := strings.Cut(rest, "<!-- /soak -->")
	if !closed || !strings.Contains(report, "; nothing grew and nothing was lost uncounted.") || strings.Count(report, "\n| ") < 20 {
		t.Errorf("the report is %q", report)
	}
}

// names are the promises that the comparison runs: the fields called name of
// its table.
func names() (found []string, err error) {
	err = eachTestFile(comparison, func(file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			pair, ok := n.(*ast.KeyValueExpr)
			if !ok {
				return true
			}
			key, isName := pair.Key.(*ast.Ident)
			if value, ok := pair.Value.(*ast.BasicLit); ok && isName && key.Name == "name" && value.Kind == token.STRING {
				found = append(found, strings.Trim(value.Value, "`\""))
			}
			return true
		})
	})
	return found, err
}

func TestThePageHasTheWholeComparison(t *testing.T) {
	var shown []string
	for _, table := range tables(readPage(t)) {
		if len(table.header) == 2 && table.header[0] == "Promise" {
			for _, row := range table.rows {
				shown = append(shown, row[0])
			}
		}
	}
	run, err := names()
	if err != nil {
		t.Fatal(err)
	}
	run = slices.DeleteFunc(run, func(name string) bool { return !strings.Contains(name, " ") || name == "plain libraries" })
	if len(run) < 10 {
		t.Errorf("the comparison has %d rows, want ten at least", len(run))
	}
	for _, name := range run {
		if !slices.Contains(shown, name) {
			t.Errorf("the page lacks %q", name)
		}
	}
	for _, name := range shown {
		if !slices.Contains(run, name) {
			t.Errorf("the comparison does not run %q", name)
		}
	}
}

func TestWrongRowsAreFound(t *testing.T) {
	declared := func(dir string) ([]string, error) {
		if dir != "telemetry" {
			return nil, fmt.Errorf("no tests in %s", dir)
		}
		return []string{"TestA", "FuzzB"}, nil
	}
	const head = "| Fault | Promise | Tests | Found |\n|---|---|---|---|\n"
	for name, test := range map[string]struct{ row, want string }{
		"right":              {"| a | b | `telemetry` TestA, FuzzB | run |", ""},
		"no test of it":      {"| a | b | `telemetry` TestC | run |", "telemetry has no TestC"},
		"no package of it":   {"| a | b | `health` TestA | run |", "no tests in health"},
		"no test at all":     {"| a | b | see the code | run |", "is no package with its tests"},
		"a test without one": {"| a | b | `telemetry` TestA; TestA | run |", "is no package with its tests"},
		"an empty cell":      {"| a |  | `telemetry` TestA | run |", "each cell needs a text"},
		"a cell too few":     {"| a | b | `telemetry` TestA |", "each cell needs a text"},
	} {
		t.Run(name, func(t *testing.T) {
			wrong, promises, _ := problems(head+test.row+"\n", declared)
			if promises != 1 || test.want == "" && wrong != nil || test.want != "" && !strings.Contains(strings.Join(wrong, "\n"), test.want) {
				t.Errorf("%d promises, %v, want %q", promises, wrong, test.want)
			}
		})
	}
}
