package e2e_test

import (
	"regexp"
	"runtime/debug"
	"slices"
	"testing"

	"github.com/tutorflow/observability/examples/tutorflow/app"
	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/internal/otlpcollector"
)

// A panel may be empty for one of these reasons, and says so in the words of the
// reason. Every other panel always has data: an empty one means that the service
// is not scraped.
type reason int

const (
	never        reason = iota
	whileIdle           // it divides by traffic, shows a latency, or compares with the past
	whileHealthy        // it has something to show only when something is wrong
	elsewhere           // its metrics are those of Prometheus itself
)

// reasons are the texts of empty panels.
var reasons = map[string]reason{
	// Of what is always there, or born at 0.
	"Not scraped":                        never,
	"No process scraped":                 never,
	"No database pool":                   never,
	"No database pool with a limit":      never,
	"No external services":               never,
	"No health checks":                   never,
	"No exporter":                        never,
	"No source is read":                  never,
	"Never":                              never,
	"None: blind":                        never,
	"No target, or rules not loaded":     never,
	"Nothing is up, or rules not loaded": never,

	"No traffic":                            whileIdle,
	"No traffic, or rules not loaded":       whileIdle,
	"No external calls":                     whileIdle,
	"No payments":                           whileIdle,
	"No bookings":                           whileIdle,
	"No booking ended":                      whileIdle,
	"No lesson marked":                      whileIdle,
	"No query waited":                       whileIdle,
	"Rules not loaded":                      whileIdle,
	"Nothing to judge, or rules not loaded": whileIdle,

	"No alert fires": whileHealthy,

	"Prometheus does not scrape itself, or rules not loaded": elsewhere,
}

func (q panelQuery) mayBeEmpty(t *testing.T) reason {
	t.Helper()
	if q.panel == "annotation Firing alerts" {
		return whileHealthy
	}
	if q.noValue == "" {
		return never
	}
	why, ok := reasons[q.noValue]
	if !ok {
		t.Errorf("%s: %q is no reason to be empty", q, q.noValue)
	}
	return why
}

// run runs every query of every dashboard, and wants data from all but those that
// may be empty.
func (p *prom) run(mayBeEmpty ...reason) {
	p.t.Helper()
	queries := dashboardQueries(p.t)
	if len(queries) < 150 {
		p.t.Fatalf("only %d queries found", len(queries))
	}
	for _, q := range queries {
		result := p.query(interpolate(q.expr))
		if len(result) == 0 && !slices.Contains(mayBeEmpty, q.mayBeEmpty(p.t)) {
			p.t.Errorf("%s: no data, reads %q: %s", q, q.noValue, q.expr)
		}
		for _, one := range result {
			for _, l := range legendLabel.FindAllStringSubmatch(q.legend, -1) {
				if l[1] != "revision" && !one.Metric.Has(l[1]) { // a test has no revision
					p.t.Errorf("%s: the legend %q has a label that %s has not: %s", q, q.legend, one.Metric, q.expr)
				}
			}
		}
	}
}

var legendLabel = regexp.MustCompile(`{{(\w+)}}`)

// exportSpans has the service export spans to a collector, at once. By default an
// export starts after five seconds and is tried for longer than the service is
// driven: none would end between two scrapes.
func exportSpans(t *testing.T, collector string) {
	t.Helper()
	for name, value := range map[string]string{
		"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": exporters.ProtocolHTTP, "OTEL_EXPORTER_OTLP_ENDPOINT": collector,
		"OTEL_BSP_SCHEDULE_DELAY": "50", "OTEL_BSP_EXPORT_TIMEOUT": "300", "OTEL_EXPORTER_OTLP_TIMEOUT": "300",
	} {
		t.Setenv(name, value)
	}
}

// limitMemory sets a limit, which is on a panel only where there is one.
func limitMemory(t *testing.T) {
	t.Helper()
	before := debug.SetMemoryLimit(4 << 30)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
}

func TestEveryPanelHasDataOnAServiceThatFails(t *testing.T) {
	limitMemory(t)
	exportSpans(t, "http://127.0.0.1:1") // nobody listens there
	_, p := driven(t, func(c *app.Config) { c.ErrorRate = 0.1 })
	p.run(whileHealthy, elsewhere)
}

func TestEveryPanelHasDataOnAServiceWithoutErrors(t *testing.T) {
	limitMemory(t)
	collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: exporters.ProtocolHTTP})
	exportSpans(t, collector.Base())
	_, p := driven(t, nil)
	p.run(whileHealthy, elsewhere)
}

func TestAFreshServiceHasDataOnEveryPanelThatNeedsNoTraffic(t *testing.T) {
	limitMemory(t)
	s := startService(t, nil)
	p := newProm(t, ruleFile)
	for range 4 {
		p.scrape(s.url)
	}
	p.run(whileIdle, whileHealthy, elsewhere)
}

// Where one instance gives one series for a match, many may give several, which
// only then is an error.
func TestEveryQueryRunsOnAFleetOfTwoJobs(t *testing.T) {
	limitMemory(t)
	s := startService(t, nil)
	p := newProm(t, ruleFile)
	p.targets = nil
	for _, name := range []string{job, "tutorflow-admin"} {
		p.targets = append(p.targets, target(name, "10.0.0.1:8000"), target(name, "10.0.0.2:8000"))
	}
	p.scrape(s.url)
	p.minutes(2, s)
	p.run(whileIdle, whileHealthy, elsewhere)
	for _, query := range runbookQueries(t) {
		p.query(query)
	}
	if up := p.query(`job:tutorflow_instances:up == 2`); len(up) != 2 {
		t.Errorf("jobs with two instances: %v, want 2", up)
	}
}

// A reader of an empty dashboard must not take a service that is not scraped for a
// healthy one: no query has an answer then, least of all 0.
func TestNoPanelHasDataOfAServiceThatIsNotScraped(t *testing.T) {
	p := newProm(t, ruleFile)
	p.now = p.now.Add(interval)
	for _, q := range dashboardQueries(t) {
		if result := p.query(interpolate(q.expr)); len(result) > 0 {
			t.Errorf("%s has data without a service: %v", q, result)
		}
	}
}
