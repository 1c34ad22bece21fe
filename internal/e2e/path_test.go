package e2e_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/tutorflow/observability/examples/tutorflow/app"
	"github.com/tutorflow/observability/telemetry/catalog"
)

// ruleFile is where the rules are, seen from here.
const ruleFile = "../../alerting/rules/tutorflow.yaml"

// driven is a service that was driven and scraped for a minute and a half of its
// Prometheus's time, after as much an hour and a week before: what compares with
// the past has something to compare with.
func driven(t *testing.T, change func(*app.Config)) (*service, *prom) {
	t.Helper()
	s := startService(t, change)
	p := newProm(t, ruleFile)
	// Both times before are within the hour of the one after them.
	const hour, week = 57 * time.Minute, 7*24*time.Hour - 3*time.Minute
	for _, later := range []time.Duration{0, week - hour, hour} {
		p.now = p.now.Add(later)
		p.scrape(s.url)
		before := events(t, s)
		for i := 0; i < 3 || !after(before, events(t, s)); i++ {
			s.drive(300, 400*time.Millisecond)
			exhaustPool(t, s)
			p.scrape(s.url)
			p.scrape(s.url)
			if i > 30 {
				t.Fatalf("some events do not happen: %v, then %v", before, events(t, s))
			}
		}
	}
	return s, p
}

// events returns how often each event has happened that a share divides by.
func events(t *testing.T, s *service) (counts []float64) {
	t.Helper()
	_, body, _ := get(t, s.url+"/metrics")
	for _, series := range []string{
		catalog.Attendance + `{status="attended"}`, catalog.Payments + `{status="paid"}`, catalog.Bookings + `{status="pending"}`,
		catalog.Bookings + `{status="completed"}`, catalog.Reviews,
	} {
		_, rest, _ := strings.Cut(body, "\n"+series+" ")
		value, _, _ := strings.Cut(rest, "\n")
		count, err := strconv.ParseFloat(value, 64)
		if err != nil {
			t.Fatalf("%s: %v", series, err)
		}
		counts = append(counts, count)
	}
	return counts
}

// after reports whether each count has risen.
func after(before, now []float64) bool {
	for i := range now {
		if now[i] <= before[i] {
			return false
		}
	}
	return true
}

// exhaustPool has a query wait for a connection, so that waits are counted.
func exhaustPool(t *testing.T, s *service) {
	t.Helper()
	db := s.Store().DB()
	var held []interface{ Close() error }
	for range db.Stats().MaxOpenConnections {
		c, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
	}
	go func() {
		time.Sleep(20 * time.Millisecond)
		for _, c := range held {
			_ = c.Close()
		}
	}()
	if err := db.PingContext(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestFirstScrapeHasEveryMetricOfTheContractAtZero(t *testing.T) {
	s := startService(t, nil)
	eventually(t, "every health check has run", func() bool {
		_, body, _ := get(t, s.url+"/metrics")
		return strings.Count(body, "\ntutorflow_health_check_up{check=") == 4 && !strings.Contains(body, `_up{check="database"} 0`)
	})
	p := newProm(t)
	p.scrape(s.url)
	for _, d := range catalog.All() {
		name := d.Name
		if d.Kind == catalog.KindHistogram {
			name += "_count"
		}
		series := p.query(name)
		if len(series) == 0 {
			t.Errorf("%s is not on the scrape", d.Name)
		}
		for _, one := range series {
			if one.F != 0 && d.Kind != catalog.KindGauge && !strings.HasPrefix(name, "tutorflow_telemetry_exports") &&
				name != catalog.HTTPRequestsActive && one.Metric.Get("endpoint") != "/metrics" {
				t.Errorf("%s is %v, want 0", one.Metric, one.F)
			}
		}
	}
	if scoped := p.query(`{__name__=~".+",otel_scope_name!=""}`); len(scoped) > 0 {
		t.Errorf("%d series have a scope label", len(scoped))
	}
	for _, route := range []string{"/api/v1/bookings/{booking_id}/approve", "/api/v1/payments", "/health/ready"} {
		if len(p.query(`tutorflow_http_requests_total{status="500",endpoint="`+route+`"} == 0`)) != 1 {
			t.Errorf("%s has no series for status 500", route)
		}
	}
}

// TestNoSeriesHasALabelOutsideTheContract compares the scrape of a driven
// service with the catalogue, label by label and value by value.
func TestNoSeriesHasALabelOutsideTheContract(t *testing.T) {
	_, p := driven(t, nil)
	for _, d := range catalog.All() {
		allowed := map[string][]string{"__name__": nil, "job": nil, "instance": nil}
		if d.Kind == catalog.KindHistogram {
			allowed["le"] = nil
		}
		for _, l := range d.Labels {
			allowed[l.Name] = l.Values
		}
		for _, suffix := range []string{"", "_bucket", "_count", "_sum"} {
			for _, one := range p.query(d.Name + suffix) {
				one.Metric.Range(func(l labels.Label) {
					values, known := allowed[l.Name]
					if !known || values != nil && !slices.Contains(values, l.Value) || len(l.Value) > catalog.MaxLabelBytes {
						t.Errorf("%s: the label %s=%q is not in the catalogue", one.Metric, l.Name, l.Value)
					}
				})
			}
		}
	}
}

func TestCounterAndHistogramAgreeOnEveryRoute(t *testing.T) {
	_, p := driven(t, nil)
	counted := p.query(`sum by (method, endpoint) (tutorflow_http_requests_total) != 0`)
	if len(counted) < 10 {
		t.Fatalf("only %d routes have requests", len(counted))
	}
	if differing := p.query(`sum by (method, endpoint) (tutorflow_http_requests_total) != sum by (method, endpoint) (tutorflow_http_request_duration_seconds_count)`); len(differing) > 0 {
		t.Errorf("counter and histogram differ: %v", differing)
	}
	if active := p.query(`tutorflow_http_requests_active`); len(active) != 1 || active[0].F != 1 {
		t.Errorf("requests in flight: %v, want the scrape alone", active)
	}
}

func TestUnknownRoutesAndMethodsAddNoSeries(t *testing.T) {
	s := startService(t, nil)
	series := func() int {
		_, body, _ := get(t, s.url+"/metrics")
		return strings.Count(body, "\ntutorflow_http_requests_total{")
	}
	// One of each first: GET, POST and a method that is none, unmatched.
	send := func(method, path string) {
		request, err := http.NewRequestWithContext(t.Context(), method, s.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
	}
	for _, method := range []string{"GET", "POST", "BREW"} {
		send(method, "/nothing")
	}
	series()
	before := series()
	for i := range 500 {
		method := []string{"GET", "POST", "BREW" + strings.Repeat("X", i%40)}[i%3]
		send(method, "/"+strings.Repeat("a", i)+"?q="+strings.Repeat("b", i))
	}
	if after := series(); after != before {
		t.Errorf("%d series became %d", before, after)
	}
}
