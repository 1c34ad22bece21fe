package e2e_test

import (
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/tutorflow/observability/examples/tutorflow/app"
)

// promtool is built by make.
const promtool = "../../bin/promtool"

func runPromtool(t *testing.T, args ...string) {
	t.Helper()
	path, err := filepath.Abs(promtool)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(path, args...)
	command.Dir = "../../alerting"
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v (make bin/promtool builds it)\n%s", strings.Join(args, " "), err, out)
	}
}

func TestPromtoolAcceptsTheRulesAndTheConfiguration(t *testing.T) {
	runPromtool(t, "check", "rules", "--lint=all", "--lint-fatal", "rules/tutorflow.yaml")
	runPromtool(t, "check", "config", "prometheus.yml")
}

func TestPromtoolRunsTheUnitTestsOfTheRules(t *testing.T) {
	files, err := filepath.Glob("../../alerting/tests/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d test files: %v", len(files), err)
	}
	args := []string{"test", "rules"}
	for _, f := range files {
		args = append(args, "tests/"+filepath.Base(f))
	}
	runPromtool(t, args...)
}

// firing returns the names of the alerts that fire at the last scrape.
func (p *prom) firing() map[string]labels.Labels {
	names := map[string]labels.Labels{}
	for _, one := range p.query(`ALERTS{alertstate="firing"}`) {
		names[one.Metric.Get("alertname")] = one.Metric
	}
	return names
}

// minutes drives the service a little before each scrape.
func (p *prom) minutes(n int, s *service) {
	for range n * int(time.Minute/interval) {
		s.drive(150, 100*time.Millisecond)
		p.scrape(s.url)
	}
}

func TestAFifthOfFailingRequestsFiresHighErrorRateAndNothingElse(t *testing.T) {
	s := startService(t, func(c *app.Config) { c.ErrorRate = 0.2 })
	p := newProm(t, ruleFile)
	p.scrape(s.url)
	p.minutes(4, s)
	if firing := p.firing(); len(firing) > 0 {
		t.Errorf("after 4 minutes these fire: %v", firing)
	}
	p.minutes(4, s)
	firing := p.firing()
	if len(firing) != 1 || firing["HighErrorRate"].Get("severity") != "critical" || firing["HighErrorRate"].Get("job") != job {
		t.Errorf("after 8 minutes these fire: %v, want HighErrorRate alone", firing)
	}
}

func TestEveryFifthRequestBeingSlowFiresHighLatencyAndNothingElse(t *testing.T) {
	s := startService(t, func(c *app.Config) { c.Slow = 1100 * time.Millisecond })
	p := newProm(t, ruleFile)
	p.scrape(s.url)
	for range 9 {
		var requests sync.WaitGroup
		for range 10 {
			requests.Go(func() {
				response, err := http.Get(s.url + "/api/v1/bookings")
				if err != nil {
					t.Error(err)
					return
				}
				_ = response.Body.Close()
				if response.StatusCode != http.StatusOK {
					t.Errorf("status %d, want 200", response.StatusCode)
				}
			})
		}
		requests.Wait()
		for range int(time.Minute / interval) {
			p.scrape(s.url)
		}
	}
	if firing := p.firing(); len(firing) != 1 || firing["HighLatency"].Get("severity") != "warning" {
		t.Errorf("after 9 minutes these fire: %v, want HighLatency alone", firing)
	}
}

func TestAHealthyServiceFiresNothing(t *testing.T) {
	s := startService(t, nil)
	p := newProm(t, ruleFile)
	p.scrape(s.url)
	p.minutes(8, s)
	if firing := p.firing(); len(firing) > 0 {
		t.Errorf("these fire: %v", firing)
	}
}

func TestAPoolInUseFiresDatabaseConnectionPoolExhausted(t *testing.T) {
	s := startService(t, nil)
	p := newProm(t, ruleFile)
	db := s.Store().DB()
	for range db.Stats().MaxOpenConnections {
		c, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
	}
	for range 8 * int(time.Minute/interval) {
		p.scrape(s.url)
	}
	alert, ok := p.firing()["DatabaseConnectionPoolExhausted"]
	if !ok || alert.Get("pool") != "primary" || alert.Get("instance") != instance {
		t.Errorf("these fire: %v, want the pool primary of %s", p.firing(), instance)
	}
}
