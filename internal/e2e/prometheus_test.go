package e2e_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/teststorage"
)

// prom is a Prometheus whose clock stands still between scrapes.
type prom struct {
	t       *testing.T
	storage *teststorage.TestStorage
	engine  *promql.Engine
	parser  parser.Parser
	groups  []*rules.Group
	targets []labels.Labels // a scrape is stored for each of them
	now     time.Time
}

const (
	job      = "tutorflow-api"
	instance = "127.0.0.1:8000"
	// interval is that of alerting/prometheus.yml.
	interval = 15 * time.Second
)

func newProm(t *testing.T, ruleFiles ...string) *prom {
	t.Helper()
	p := &prom{t: t, storage: teststorage.New(t), targets: []labels.Labels{target(job, instance)}, parser: parser.NewParser(parser.Options{}), now: time.Unix(1_800_000_000, 0)}
	p.engine = promql.NewEngine(promql.EngineOpts{MaxSamples: 1e7, Timeout: time.Minute, EnableAtModifier: true, EnableNegativeOffset: true, Parser: p.parser})
	t.Cleanup(func() { _ = p.engine.Close() })

	manager := rules.NewManager(&rules.ManagerOptions{
		NameValidationScheme: model.UTF8Validation,
		QueryFunc:            rules.EngineQueryFunc(p.engine, p.storage),
		NotifyFunc:           func(context.Context, string, ...*rules.Alert) {},
		Context:              t.Context(),
		AppendableV2:         p.storage,
		Queryable:            p.storage,
		Parser:               p.parser,
	})
	groups, errs := manager.LoadGroups(interval, labels.EmptyLabels(), "", nil, false, ruleFiles...)
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for _, g := range groups {
		p.groups = append(p.groups, g)
		// A manager that runs does this once it has read the past.
		for _, r := range g.AlertingRules() {
			r.SetRestored(true)
		}
	}
	return p
}

// scrape stores what url serves under the current time, evaluates the rules and
// moves the clock one interval on.
func (p *prom) scrape(url string) {
	p.t.Helper()
	status, body, kind := get(p.t, url+"/metrics", "Accept", "application/openmetrics-text;version=1.0.0")
	if status != 200 {
		p.t.Fatalf("scrape: status %d: %s", status, body)
	}
	for _, target := range p.targets {
		p.store(body, kind, target)
	}
	for _, g := range p.groups {
		g.Eval(p.t.Context(), p.now)
		for _, r := range g.Rules() {
			if err := r.LastError(); err != nil {
				p.t.Fatalf("rule %s: %v", r.Name(), err)
			}
		}
	}
	p.now = p.now.Add(interval)
}

func target(job, instance string) labels.Labels {
	return labels.FromStrings("job", job, "instance", instance)
}

func (p *prom) store(body, kind string, target labels.Labels) {
	p.t.Helper()
	text, err := textparse.New([]byte(body), kind, labels.NewSymbolTable(), textparse.ParserOptions{})
	if err != nil {
		p.t.Fatal(err)
	}
	appender := p.storage.AppenderV2(p.t.Context())
	add := func(l labels.Labels, v float64) {
		if _, err := appender.Append(0, l, 0, p.now.UnixMilli(), v, nil, nil, storage.AOptions{}); err != nil {
			p.t.Fatalf("store %s: %v", l, err)
		}
	}
	samples := 0
	for {
		entry, err := text.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			p.t.Fatalf("parse scrape: %v", err)
		}
		if entry != textparse.EntrySeries {
			continue
		}
		_, _, value := text.Series()
		var series labels.Labels
		text.Labels(&series)
		b := labels.NewBuilder(series)
		target.Range(func(l labels.Label) { b.Set(l.Name, l.Value) })
		add(b.Labels(), value)
		samples++
	}
	// What Prometheus adds to each scrape.
	for name, value := range map[string]float64{
		"up": 1, "scrape_duration_seconds": 0.01, "scrape_series_added": 0,
		"scrape_samples_scraped": float64(samples), "scrape_samples_post_metric_relabeling": float64(samples),
	} {
		b := labels.NewBuilder(target)
		b.Set(model.MetricNameLabel, name)
		add(b.Labels(), value)
	}
	if err := appender.Commit(); err != nil {
		p.t.Fatal(err)
	}
}

// query runs an instant query at the time of the last scrape.
func (p *prom) query(query string) promql.Vector {
	p.t.Helper()
	q, err := p.engine.NewInstantQuery(p.t.Context(), p.storage, nil, query, p.now.Add(-interval))
	if err != nil {
		p.t.Fatalf("query %s: %v", query, err)
	}
	defer q.Close()
	result := q.Exec(p.t.Context())
	if result.Err != nil {
		p.t.Fatalf("query %s: %v", query, result.Err)
	}
	if s, ok := result.Value.(promql.Scalar); ok {
		return promql.Vector{{T: s.T, F: s.V}}
	}
	vector, err := result.Vector()
	if err != nil {
		p.t.Fatalf("query %s: %v", query, err)
	}
	// The engine takes its result back when the query is closed.
	return append(promql.Vector(nil), vector...)
}
