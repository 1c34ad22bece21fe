package e2e_test

import (
	"fmt"
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
		switch node := node.(type) {
		case *parser.VectorSelector:
			problems = append(problems, v.selector(node.Name, node.LabelMatchers)...)
		case *parser.AggregateExpr:
			if !node.Without {
				problems = append(problems, v.grouping(node)...)
			}
		}
		return nil
	})
	return problems
}

// grouping wants the labels that an aggregation keeps to be on something below it.
func (v vocabulary) grouping(node *parser.AggregateExpr) (problems []string) {
	var has []string
	parser.Inspect(node.Expr, func(below parser.Node, _ []parser.Node) error {
		switch below := below.(type) {
		case *parser.VectorSelector:
			labels, _, _ := v.labels(below.Name)
			has = append(has, labels...)
		case *parser.Call:
			if below.Func.Name == "label_replace" {
				has = append(has, below.Args[1].(*parser.StringLiteral).Val)
			}
		}
		return nil
	})
	for _, l := range node.Grouping {
		if !slices.Contains(has, l) {
			problems = append(problems, fmt.Sprintf("%s groups by %s, which is on nothing below", node, l))
		}
	}
	return problems
}

// foreign are the labels, beside job and instance, of series that neither the
// catalogue nor the rules have.
var foreign = map[string][]string{
	"":       {"exported_endpoint", "exported_service"}, // all metrics, in search of what the Operator renames
	"ALERTS": {"alertname", "alertstate", "severity", "component"},
	"up":     {"endpoint", "service"}, // those of the Operator

	"go_info":                              {"version"},
	"go_gc_duration_seconds":               {"quantile"},
	"promhttp_metric_handler_errors_total": {"cause"},
	// Of Prometheus itself.
	"prometheus_rule_evaluation_failures_total":     {"rule_group"},
	"prometheus_rule_group_interval_seconds":        {"rule_group"},
	"prometheus_rule_group_iterations_missed_total": {"rule_group"},
	"prometheus_rule_group_last_duration_seconds":   {"rule_group"},
}

// bare are the beginnings of the other series, which have job and instance alone.
var bare = regexp.MustCompile(`^(scrape|process|go)_`)

// labels returns the labels that the series called name have, and the metric if
// it is in the catalogue.
func (v vocabulary) labels(name string) (has []string, definition catalog.Definition, known bool) {
	has = []string{model.MetricNameLabel, "job", "instance"}
	if definition, known = lookup(name); known {
		for _, l := range definition.Labels {
			has = append(has, l.Name)
			// What the Prometheus Operator makes of them without honorLabels.
			if l.Name == "endpoint" || l.Name == "service" {
				has = append(has, "exported_"+l.Name)
			}
		}
		if definition.Kind == catalog.KindHistogram {
			has = append(has, "le")
		}
		return has, definition, true
	}
	if slices.Contains(v.records, name) {
		return append(has, alerts.LevelOf(name)...), definition, true
	}
	own, known := foreign[name]
	return append(has, own...), definition, known || bare.MatchString(name)
}

func (v vocabulary) selector(name string, matchers []*labels.Matcher) (problems []string) {
	allowed, definition, known := v.labels(name)
	if !known {
		return []string{fmt.Sprintf("nothing exports %s", name)}
	}
	for _, m := range matchers {
		if !slices.Contains(allowed, m.Name) {
			problems = append(problems, fmt.Sprintf("%s has no label %s", name, m.Name))
		}
		if name == "" && m.Name == model.MetricNameLabel && !slices.ContainsFunc(catalog.All(), func(d catalog.Definition) bool { return m.Matches(d.Name) }) {
			problems = append(problems, fmt.Sprintf("no metric matches %s", m))
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
	for _, r := range alertRules(t) {
		rules["rule "+r.Record+r.Alert] = r.Expr
		if r.Record != "" {
			v.records = append(v.records, r.Record)
		}
	}
	return v, rules
}

// alertRules returns the recorded series and the alerts of the rule file.
func alertRules(t *testing.T) (all []rulefmt.Rule) {
	t.Helper()
	groups, errs := rulefmt.ParseFile(ruleFile, false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	for _, g := range groups.Groups {
		all = append(all, g.Rules...)
	}
	return all
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
		"a level that it has not":     `job:tutorflow_http_requests:rate5m{pool="x"}`,
		"a group by no label":         `sum by (job, status) (rate(tutorflow_reviews_total[5m]))`,
		"a name that matches nothing": `count({__name__=~"tutorflows_.+"})`,
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
