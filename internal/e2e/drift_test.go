package e2e_test

import (
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/tutorflow/observability/alerting"
	"github.com/tutorflow/observability/alerting/alerts"
	"github.com/tutorflow/observability/telemetry/catalog"
)

// vocabulary is what a query may speak of: the metrics of the catalogue and of
// the rules, with their labels.
type vocabulary struct {
	parser  parser.Parser
	records []string
}

// problems returns what query names that the code does not export.
func (v vocabulary) problems(query string) (problems []string) {
	expr, err := v.parser.ParseExpr(query)
	if err != nil {
		return []string{err.Error()}
	}
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok {
			problems = append(problems, v.selector(selector.Name, selector.LabelMatchers)...)
		}
		return nil
	})
	return problems
}

func (v vocabulary) selector(name string, matchers []*labels.Matcher) (problems []string) {
	allowed := []string{model.MetricNameLabel, "job", "instance"}
	definition, known := lookup(name)
	switch {
	case known:
		for _, l := range definition.Labels {
			allowed = append(allowed, l.Name)
		}
		if definition.Kind == catalog.KindHistogram {
			allowed = append(allowed, "le")
		}
	case slices.Contains(v.records, name):
		allowed = append(allowed, alerts.LevelOf(name)...)
	case name == "ALERTS":
		allowed = append(allowed, "alertname", "alertstate", "severity")
	case name == "up", strings.HasPrefix(name, "process_"), strings.HasPrefix(name, "go_"):
	default:
		return []string{fmt.Sprintf("nothing exports %s", name)}
	}
	for _, m := range matchers {
		if !slices.Contains(allowed, m.Name) {
			problems = append(problems, fmt.Sprintf("%s has no label %s", name, m.Name))
		}
		for _, l := range definition.Labels {
			if l.Name == m.Name && l.Values != nil && !slices.ContainsFunc(l.Values, m.Matches) {
				problems = append(problems, fmt.Sprintf("no value of %s matches %s", l.Name, m))
			}
		}
	}
	return problems
}

func lookup(name string) (catalog.Definition, bool) {
	if d, ok := catalog.Lookup(name); ok {
		return d, d.Kind != catalog.KindHistogram
	}
	for _, suffix := range []string{"_bucket", "_count", "_sum"} {
		if d, ok := catalog.Lookup(strings.TrimSuffix(name, suffix)); ok && d.Kind == catalog.KindHistogram && strings.HasSuffix(name, suffix) {
			return d, true
		}
	}
	return catalog.Definition{}, false
}

func newVocabulary(t *testing.T) (v vocabulary, rules map[string]string) {
	t.Helper()
	v.parser = parser.NewParser(parser.Options{})
	rules = map[string]string{}
	data, err := fs.ReadFile(alerting.FS(), "rules/tutorflow.yaml")
	if err != nil {
		t.Fatal(err)
	}
	groups, errs := rulefmt.Parse(data, false, model.UTF8Validation, v.parser, slog.Default())
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	for _, g := range groups.Groups {
		for _, r := range g.Rules {
			rules["rule "+r.Record+r.Alert] = r.Expr
			if r.Record != "" {
				v.records = append(v.records, r.Record)
			}
		}
	}
	return v, rules
}

func TestEveryQuerySpeaksOfWhatTheCodeExports(t *testing.T) {
	v, queries := newVocabulary(t)
	for _, q := range dashboardQueries(t) {
		queries[q.String()+" "+q.expr] = interpolate(q.expr)
	}
	for name, expr := range runbookQueries(t) {
		queries[name] = expr
	}
	if len(queries) < 50 {
		t.Fatalf("only %d queries found", len(queries))
	}
	for where, expr := range queries {
		for _, problem := range v.problems(expr) {
			t.Errorf("%s: %s", where, problem)
		}
	}
}

func TestTheDriftCheckCatchesPlantedDefects(t *testing.T) {
	v, _ := newVocabulary(t)
	for name, expr := range map[string]string{
		"a misspelt metric":           `rate(tutorflow_http_request_total[5m])`,
		"a histogram without suffix":  `rate(tutorflow_http_request_duration_seconds[5m])`,
		"a label that it has not":     `tutorflow_reviews_total{status="paid"}`,
		"a value that it never has":   `tutorflow_payments_total{status="succeeded"}`,
		"a regexp without a match":    `tutorflow_attendance_marked_total{status=~"present|absent"}`,
		"a record that nobody writes": `job:tutorflow_http_requests:rate10m`,
		"a query that does not parse": `sum by (le (`,
	} {
		if len(v.problems(expr)) == 0 {
			t.Errorf("%s is not caught: %s", name, expr)
		}
	}
	if problems := v.problems(`sum(rate(tutorflow_payments_total{status=~"paid|failed",job="x"}[5m]))`); len(problems) > 0 {
		t.Errorf("a good query is refused: %v", problems)
	}
}

var promqlBlock = regexp.MustCompile("(?s)```promql\n(.*?)```")

// runbookQueries returns the queries in the runbooks.
func runbookQueries(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../../docs/runbooks/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d runbooks: %v", len(files), err)
	}
	queries := map[string]string{}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		blocks := promqlBlock.FindAllStringSubmatch(string(data), -1)
		if len(blocks) == 0 {
			t.Errorf("%s has no promql block", f)
		}
		for i, b := range blocks {
			queries[fmt.Sprintf("%s, query %d", filepath.Base(f), i+1)] = b[1]
		}
	}
	return queries
}
