package paging_test

import (
	"log/slog"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/tutorflow/observability/internal/e2e/internal/process"
)

// startService starts the example's command at an address.
func startService(t *testing.T, address string, args ...string) *exec.Cmd {
	t.Helper()
	args = append([]string{"-addr", address, "-db", filepath.Join(t.TempDir(), "test.db")}, args...)
	cmd := exec.Command(process.Program(t, "tutorflow"), args...)
	cmd.Env = append(cmd.Environ(), "TUTORFLOW_DRAIN_DELAY=0s") // there is no load balancer to wait for
	process.StartUntilReady(t, "http://"+address+"/health/ready", cmd)
	return cmd
}

// startPrometheus starts Prometheus with the configuration and the rules of
// package alerting. Only addresses and intervals differ from them, and how long
// HighErrorRate has to be true.
func startPrometheus(t *testing.T, service string, a *alertmanager) {
	t.Helper()
	const second = "1s"
	var config map[string]any
	unmarshal(t, read(t, "prometheus.yml"), &config)
	global := config["global"].(map[string]any)
	global["scrape_interval"], global["scrape_timeout"], global["evaluation_interval"] = second, second, second
	targets := func(address string) []any {
		return []any{map[string]any{"targets": []string{address}}}
	}
	config["scrape_configs"].([]any)[0].(map[string]any)["static_configs"] = targets(service)
	config["alerting"] = map[string]any{"alertmanagers": []any{map[string]any{"static_configs": targets(a.address)}}}

	rules, errs := rulefmt.Parse([]byte(read(t, "rules/tutorflow.yaml")), false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	for i := range rules.Groups {
		group := &rules.Groups[i]
		group.Interval = model.Duration(time.Second)
		for j := range group.Rules {
			if rule := &group.Rules[j]; rule.Alert == "HighErrorRate" {
				rule.For = model.Duration(3 * time.Second)
			}
		}
	}

	folder, address := t.TempDir(), "127.0.0.1:"+process.FreePorts(t, 1)[0]
	write(t, filepath.Join(folder, "prometheus.yml"), config)
	write(t, filepath.Join(folder, "rules", "tutorflow.yaml"), rules)
	process.StartUntilReady(t, "http://"+address+"/-/ready", exec.Command(process.Program(t, "prometheus"), "--config.file="+filepath.Join(folder, "prometheus.yml"),
		"--storage.tsdb.path="+filepath.Join(folder, "data"), "--web.listen-address="+address))
}

func TestFailingRequestsPageAndTheirEndIsTold(t *testing.T) {
	t.Parallel()
	w := newWebhooks(t)
	a := startAlertmanager(t, read(t, "alertmanager.yml"), w, brief)
	address := "127.0.0.1:" + process.FreePorts(t, 1)[0]
	service := startService(t, address, "-error-rate", "0.2", "-traffic", "50")
	startPrometheus(t, address, a)

	page := w.wait(t, "page", 1)[0]
	if len(page.Alerts) != 1 || page.Status != "firing" {
		t.Fatalf("the page is %+v, want one firing alert", page)
	}
	alert := page.Alerts[0]
	for name, want := range map[string]string{"alertname": "HighErrorRate", "severity": "critical", "component": "api", "job": "tutorflow-api"} {
		if got := alert.Labels[name]; got != want {
			t.Errorf("label %s is %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{
		"summary":       `^tutorflow-api: \d.*% of requests fail \(threshold 5%\)\.$`,
		"runbook_url":   `^https://.*/docs/runbooks/HighErrorRate\.md$`,
		"dashboard_url": `^https://.*/d/tutorflow-api\?var-job=tutorflow-api$`,
	} {
		if got := alert.Annotations[name]; !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("annotation %s is %q, want it to match %s", name, got, want)
		}
	}

	if life := w.wait(t, "deadman", 1)[0]; !slices.Equal(life.names(), []string{"TutorFlowWatchdog"}) {
		t.Errorf("the dead man's switch heard of %v, want TutorFlowWatchdog alone", life.names())
	}

	// So many good requests soon make the failed ones less than the threshold of
	// all, as the window takes five minutes to forget them.
	process.End(t, service)
	startService(t, address, "-traffic", "400")
	pages := w.wait(t, "page", 2)
	if len(pages) != 2 || pages[1].Status != "resolved" {
		t.Errorf("the pages are %+v, want one that fires and one that is resolved", pages)
	}
}
