package e2e_test

import (
	"slices"
	"strings"
	"testing"
)

// receivers returns who gets an alert with labels.
func receivers(t *testing.T, labels ...string) string {
	t.Helper()
	out, err := run(t, "amtool", append([]string{"config", "routes", "test", "--config.file=alertmanager.yml"}, labels...)...)
	if err != nil {
		t.Fatalf("amtool config routes test %q: %v (make bin/amtool builds it)\n%s", labels, err, out)
	}
	return strings.TrimSpace(out)
}

func TestAmtoolAcceptsTheConfiguration(t *testing.T) {
	if out, err := run(t, "amtool", "check-config", "alertmanager.yml"); err != nil {
		t.Errorf("amtool check-config: %v (make bin/amtool builds it)\n%s", err, out)
	}
	if _, err := run(t, "amtool", "check-config", "prometheus.yml"); err == nil {
		t.Error("amtool takes prometheus.yml for a configuration of Alertmanager, so it checks nothing")
	}
}

func TestAlertsGoToTheReceiverOfTheirSeverity(t *testing.T) {
	const job = "job=tutorflow-api"
	tests := map[string]struct {
		labels []string
		want   string
	}{
		"failing requests page":                     {[]string{"alertname=HighErrorRate", "severity=critical", "component=api", job}, "page"},
		"slow requests are a ticket":                {[]string{"alertname=HighLatency", "severity=warning", "component=api", job}, "ticket"},
		"an exhausted pool is a ticket":             {[]string{"alertname=DatabaseConnectionPoolExhausted", "severity=warning", "component=database", job, "instance=a", "pool=primary"}, "ticket"},
		"a fast burn pages":                         {[]string{"alertname=TutorFlowErrorBudgetBurn", "severity=critical", "component=api", job, "slo=availability", "long_window=1h"}, "page"},
		"a slow burn is a ticket":                   {[]string{"alertname=TutorFlowErrorBudgetBurn", "severity=warning", "component=api", job, "slo=latency", "long_window=3d"}, "ticket"},
		"failing payments page the business":        {[]string{"alertname=TutorFlowPaymentFailures", "severity=critical", "component=business", job}, "page-business"},
		"fewer bookings are a ticket":               {[]string{"alertname=TutorFlowBookingsDropped", "severity=warning", "component=business", job}, "ticket"},
		"a job that is down pages":                  {[]string{"alertname=TutorFlowDown", "severity=critical", "component=availability", job}, "page"},
		"an instance that is down is a ticket":      {[]string{"alertname=TutorFlowInstanceDown", "severity=warning", "component=availability", job, "instance=a"}, "ticket"},
		"a slow partner is a ticket":                {[]string{"alertname=TutorFlowExternalServiceSlow", "severity=warning", "component=dependency", job, "service=toss_payments"}, "ticket"},
		"dropped telemetry is a ticket":             {[]string{"alertname=TutorFlowTelemetryDropped", "severity=warning", "component=telemetry", job, "instance=a"}, "ticket"},
		"a goroutine leak is a ticket":              {[]string{"alertname=TutorFlowGoroutineLeak", "severity=warning", "component=runtime", job, "instance=a"}, "ticket"},
		"the watchdog is for the dead man's switch": {[]string{"alertname=TutorFlowWatchdog", "severity=none"}, "deadman"},
		"a stranger's alert is not lost":            {[]string{"alertname=NodeDown"}, "ticket"},
		"a stranger's critical alert pages":         {[]string{"alertname=NodeDown", "severity=critical"}, "page"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := receivers(t, tt.labels...); got != tt.want {
				t.Errorf("%q go to %q, want %q", tt.labels, got, tt.want)
			}
		})
	}
}

func TestEveryAlertGoesToSomebody(t *testing.T) {
	seen := 0
	for _, rule := range alertRules(t) {
		if rule.Alert == "" {
			continue
		}
		seen++
		labels := []string{"alertname=" + rule.Alert, "job=tutorflow-api"}
		for name, value := range rule.Labels {
			labels = append(labels, name+"="+value)
		}
		want := map[string][]string{
			"critical": {"page", "page-business"},
			"warning":  {"ticket"},
			"none":     {"deadman"},
		}[rule.Labels["severity"]]
		if got := receivers(t, labels...); !slices.Contains(want, got) {
			t.Errorf("%q go to %q, want one of %q", labels, got, want)
		}
	}
	if seen == 0 {
		t.Error("no rule is an alert")
	}
}
