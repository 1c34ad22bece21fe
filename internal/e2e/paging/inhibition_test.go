package paging_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tutorflow/observability/internal/e2e/internal/process"
)

// An inhibition is tried with a source and a target that have all of these
// labels in common, and again for each label of equal with another value in the
// target.
const common = " cluster=one environment=production job=tutorflow-api"

const (
	highErrorRate   = "alertname=HighErrorRate severity=critical component=api"
	highLatency     = "alertname=HighLatency severity=warning component=api"
	pool            = "alertname=DatabaseConnectionPoolExhausted severity=warning component=database pool=primary instance=a"
	burn1h          = "alertname=TutorFlowErrorBudgetBurn severity=critical component=api slo=availability long_window=1h short_window=5m"
	burn6h          = "alertname=TutorFlowErrorBudgetBurn severity=critical component=api slo=availability long_window=6h short_window=30m"
	burn1d          = "alertname=TutorFlowErrorBudgetBurn severity=warning component=api slo=availability long_window=1d short_window=2h"
	burn3d          = "alertname=TutorFlowErrorBudgetBurn severity=warning component=api slo=availability long_window=3d short_window=6h"
	latencyBurn1h   = "alertname=TutorFlowErrorBudgetBurn severity=critical component=api slo=latency long_window=1h short_window=5m"
	latencyBurn6h   = "alertname=TutorFlowErrorBudgetBurn severity=critical component=api slo=latency long_window=6h short_window=30m"
	latencyBurn3d   = "alertname=TutorFlowErrorBudgetBurn severity=warning component=api slo=latency long_window=3d short_window=6h"
	externalErrors  = "alertname=TutorFlowExternalServiceErrors severity=warning component=dependency service=toss_payments"
	paymentFailures = "alertname=TutorFlowPaymentFailures severity=critical component=business"
	down            = "alertname=TutorFlowDown severity=critical component=availability"
	instanceDown    = "alertname=TutorFlowInstanceDown severity=warning component=availability instance=a"
	goroutineLeak   = "alertname=TutorFlowGoroutineLeak severity=warning component=runtime instance=a"
	exportFailing   = "alertname=TutorFlowExportFailing severity=warning component=telemetry exporter=otlp signal=traces"
	telemetryLost   = "alertname=TutorFlowTelemetryDropped severity=warning component=telemetry exporter=otlp signal=traces reason=queue_full"
	telemetryBad    = "alertname=TutorFlowTelemetryDropped severity=warning component=telemetry exporter=otlp signal=traces reason=rejected"
	watchdog        = "alertname=TutorFlowWatchdog severity=none"
)

var (
	origin   = []string{"cluster", "environment", "job"}
	andSLO   = append([]string{"slo"}, origin...)
	andPlace = append([]string{"instance"}, origin...)
	andWay   = append([]string{"exporter", "signal"}, origin...)
)

// inhibitions are the alerts of which the second stays quiet.
var inhibitions = map[string]struct {
	source, target string
	equal          []string
}{
	"a job that is down hides its errors":           {down, highErrorRate, origin},
	"a job that is down hides its latency":          {down, highLatency, origin},
	"a job that is down hides its burning budget":   {down, burn1h, origin},
	"a job that is down hides its pools":            {down, pool, origin},
	"a job that is down hides its partners":         {down, externalErrors, origin},
	"a job that is down hides its payments":         {down, paymentFailures, origin},
	"a job that is down hides its runtime":          {down, goroutineLeak, origin},
	"a burn of an hour hides one of six hours":      {burn1h, burn6h, andSLO},
	"a burn of an hour hides one of a day":          {burn1h, burn1d, andSLO},
	"a burn of six hours hides one of three days":   {burn6h, burn3d, andSLO},
	"a latency burn of an hour hides one of six":    {latencyBurn1h, latencyBurn6h, andSLO},
	"a latency burn of six hours hides one of days": {latencyBurn6h, latencyBurn3d, andSLO},
	"the error rate hides the fast burn of errors":  {highErrorRate, burn1h, origin},
	"the error rate hides the slow burn of errors":  {highErrorRate, burn3d, origin},
	"an instance that is down hides its pools":      {instanceDown, pool, andPlace},
	"an instance that is down hides its goroutines": {instanceDown, goroutineLeak, andPlace},
	"exports that fail hide what they cost":         {exportFailing, telemetryLost, andWay},
}

// independent are the alerts of which the second is told all the same.
var independent = map[string]struct{ source, target string }{
	"a job that is down hides no loss of telemetry":    {down, telemetryLost},
	"a job that is down hides no instance":             {down, instanceDown},
	"a job that is down does not stop the watchdog":    {down, watchdog},
	"an instance that is down hides no errors":         {instanceDown, highErrorRate},
	"an instance that is down hides no burn":           {instanceDown, burn1h},
	"an instance that is down does not hide its job":   {instanceDown, down},
	"an exhausted pool hides no errors":                {pool, highErrorRate},
	"an exhausted pool hides no latency":               {pool, highLatency},
	"a failing partner hides no errors":                {externalErrors, highErrorRate},
	"a failing partner hides no failing payments":      {externalErrors, paymentFailures},
	"failing payments hide no errors":                  {paymentFailures, highErrorRate},
	"errors hide no failing payments":                  {highErrorRate, paymentFailures},
	"errors hide no exhausted pool":                    {highErrorRate, pool},
	"errors hide no latency":                           {highErrorRate, highLatency},
	"errors hide no burn of latency":                   {highErrorRate, latencyBurn1h},
	"latency hides no burn of latency":                 {highLatency, latencyBurn1h},
	"a burn hides no error rate":                       {burn1h, highErrorRate},
	"a burn of six hours does not hide one of an hour": {burn6h, burn1h},
	"a slow burn does not hide a fast one":             {burn3d, burn1h},
	"a burn of three days does not hide one of a day":  {burn3d, burn1d},
	"a leak hides no errors":                           {goroutineLeak, highErrorRate},
	"exports that fail hide nothing that is refused":   {exportFailing, telemetryBad},
}

// pair is a source and a target of which want is the target's state.
type pair struct {
	source, target labels
	want           string
}

// pairs are all that is tried, by what it is.
func pairs() map[string]pair {
	all := map[string]pair{}
	for name, i := range inhibitions {
		all[name] = pair{parseLabels(i.source + common), parseLabels(i.target + common), "suppressed"}
		for _, label := range i.equal {
			target := parseLabels(i.target + common)
			target[label] = "another"
			all[name+", not with another "+label] = pair{parseLabels(i.source + common), target, "active"}
		}
	}
	for name, i := range independent {
		all[name] = pair{parseLabels(i.source + common), parseLabels(i.target + common), "active"}
	}
	return all
}

// lastRule is an inhibition of the tests' own, which tells that Alertmanager has
// taken in all alerts up to its source.
const lastRule = `
  - source_matchers: [case="last source"]
    target_matchers: [case="last target"]`

// wrongPairs returns the pairs whose target is not in the wanted state.
func wrongPairs(t *testing.T, config string) (found []string) {
	t.Helper()
	config = strings.Replace(config, "\ninhibit_rules:", "\ninhibit_rules:"+lastRule, 1)
	a := startAlertmanager(t, config, newWebhooks(t), 0)
	all := pairs()
	var sources, targets []labels
	for name, p := range all {
		// Each pair is of jobs that no other pair has.
		p.source["job"] += " of: " + name
		p.target["job"] += " of: " + name
		p.target["case"] = name
		sources, targets = append(sources, p.source), append(targets, p.target)
	}
	a.fire(t, append(sources, labels{"case": "last source"})...)
	a.fire(t, append(targets, labels{"case": "last target"})...)
	if !process.Eventually(func() bool { return a.states(t)["last target"] == "suppressed" }) {
		t.Fatal("alertmanager inhibits nothing")
	}
	states := a.states(t)
	for name, p := range all {
		if states[name] != p.want {
			found = append(found, fmt.Sprintf("%s: it is %q, want %q", name, states[name], p.want))
		}
	}
	return found
}

func TestOnlyAlertsThatSayNothingNewAreInhibited(t *testing.T) {
	for _, problem := range wrongPairs(t, read(t, "alertmanager.yml")) {
		t.Error(problem)
	}
}

// cause is an inhibition that alertmanager.yml must not have.
const cause = `
  - source_matchers: [component="database"]
    target_matchers: [component="api"]
    equal: [cluster, environment, job]`

func TestPlantedDefectsOfTheInhibitionsAreFound(t *testing.T) {
	good := read(t, "alertmanager.yml")
	for name, plant := range map[string][2]string{
		"an inhibition less":               {`[alertname="TutorFlowInstanceDown"]`, `[alertname="InstanceDown"]`},
		"the error rate hides all burns":   {`, slo="availability"]`, `]`},
		"no job in an inhibition":          {"environment, job, instance]", "environment, instance]"},
		"no cluster in an inhibition":      {"equal: [cluster, environment, job]", "equal: [environment, job]"},
		"no SLO in an inhibition":          {"equal: [cluster, environment, job, slo]", "equal: [cluster, environment, job]"},
		"no instance in an inhibition":     {"environment, job, instance]", "environment, job]"},
		"a cause hides a symptom":          {"\ninhibit_rules:", "\ninhibit_rules:" + cause},
		"payments are told of a dead job":  {"dependency|business|runtime", "dependency|runtime"},
		"the longer burn hides the faster": {`severity="critical"]` + "\n    target_matchers", `severity=~".+"]` + "\n    target_matchers"},
		"a dead job hides its telemetry":   {"dependency|business|runtime", "dependency|business|runtime|telemetry"},
	} {
		t.Run(name, func(t *testing.T) {
			bad := strings.Replace(good, plant[0], plant[1], 1)
			if bad == good || len(wrongPairs(t, bad)) == 0 {
				t.Error("it was not found")
			}
		})
	}
}
