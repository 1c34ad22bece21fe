package e2e_test

import (
	"maps"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/tutorflow/observability/examples/tutorflow/app"
)

// run runs a program of the folder bin, which make builds, in the folder of the
// rules.
func run(t *testing.T, program string, args ...string) (string, error) {
	t.Helper()
	path, err := filepath.Abs("../../bin/" + program)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(path, args...)
	command.Dir = "../../alerting"
	out, err := command.CombinedOutput()
	return string(out), err
}

func runPromtool(t *testing.T, args ...string) {
	t.Helper()
	if out, err := run(t, "promtool", args...); err != nil {
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

// firing returns the alerts that fire at the last scrape, without the one that
// always does.
func (p *prom) firing() map[string]labels.Labels {
	names := map[string]labels.Labels{}
	for _, one := range p.query(`ALERTS{alertstate="firing",severity!="none"}`) {
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

// wantFiring wants the alerts with these names, which are sorted, to fire, and
// nothing else. It returns them.
func (p *prom) wantFiring(names ...string) map[string]labels.Labels {
	p.t.Helper()
	firing := p.firing()
	if got := slices.Sorted(maps.Keys(firing)); !slices.Equal(got, names) {
		p.t.Fatalf("these fire: %v, want %q", firing, names)
	}
	return firing
}

func TestAFifthOfFailingRequestsFiresHighErrorRateAndBurnsTheBudget(t *testing.T) {
	s := startService(t, func(c *app.Config) { c.ErrorRate = 0.2 })
	p := newProm(t, ruleFile)
	p.scrape(s.url)
	p.minutes(4, s)
	p.wantFiring("TutorFlowErrorBudgetBurn")
	p.minutes(4, s)
	for name, alert := range p.wantFiring("HighErrorRate", "TutorFlowErrorBudgetBurn") {
		if alert.Get("severity") != "critical" || alert.Get("job") != job {
			t.Errorf("%s fires as %s, want a critical one of %s", name, alert, job)
		}
	}
}

func TestEveryFifthRequestBeingSlowFiresHighLatencyAndBurnsTheBudget(t *testing.T) {
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
	firing := p.wantFiring("HighLatency", "TutorFlowErrorBudgetBurn")
	if slo := firing["TutorFlowErrorBudgetBurn"].Get("slo"); slo != "latency" {
		t.Errorf("the budget of %s burns, want latency", slo)
	}
}

func TestAHealthyServiceFiresNothing(t *testing.T) {
	s := startService(t, nil)
	p := newProm(t, ruleFile)
	p.scrape(s.url)
	p.minutes(8, s)
	p.wantFiring()
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
