package stack_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tutorflow/observability/examples/tutorflow/traffic"
	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/internal/e2e/internal/process"
	"github.com/tutorflow/observability/internal/otlpcollector"
)

// startComposeAlertmanager starts the Alertmanager of examples/stack and returns
// its address.
func startComposeAlertmanager(t *testing.T) string {
	t.Helper()
	address := "127.0.0.1:" + process.FreePorts(t, 1)[0]
	process.StartUntilReady(t, "http://"+address+"/-/ready", readComposeService(t, "alertmanager").command(t, "alertmanager", strings.NewReplacer(
		"=/etc/alertmanager/", "=../../../alerting/",
		"=/alertmanager", "="+t.TempDir(),
	), "--web.listen-address="+address, "--cluster.listen-address="))
	return address
}

// startComposePrometheus starts the Prometheus of examples/stack, which scrapes
// the service every second, and returns its URL.
func startComposePrometheus(t *testing.T, service, alertmanager string) string {
	t.Helper()
	folder := t.TempDir()
	config, err := os.ReadFile(composeStack + "/prometheus.yml")
	if err != nil {
		t.Fatal(err)
	}
	here := strings.NewReplacer("tutorflow:8000", service, "alertmanager:9093", alertmanager, "scrape_interval: 15s", "scrape_interval: 1s")
	if err := os.WriteFile(filepath.Join(folder, "prometheus.yml"), []byte(here.Replace(string(config))), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(folder, "rules"), 0o755); err != nil {
		t.Fatal(err)
	}
	generate := exec.CommandContext(t.Context(), "go", "run", "./alerting/generate", "-out", filepath.Join(folder, "rules/tutorflow.yaml"))
	generate.Dir = "../../.."
	if text, err := generate.CombinedOutput(); err != nil {
		t.Fatalf("generate the rules: %v\n%s", err, text)
	}
	address := "127.0.0.1:" + process.FreePorts(t, 1)[0]
	process.Start(t, readComposeService(t, "prometheus").command(t, "prometheus", strings.NewReplacer(
		"=/etc/prometheus/", "="+folder+"/",
		"=/prometheus", "="+filepath.Join(folder, "data"),
	), "--web.listen-address="+address))
	return "http://" + address
}

// ask decodes the data that Prometheus answers with, where it does.
func ask(t *testing.T, url string, data any) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		return
	}
	defer response.Body.Close()
	answer := struct{ Data any }{data}
	_ = json.NewDecoder(response.Body).Decode(&answer)
}

func TestThePrometheusOfTheComposeStackLeadsFromALatencyToItsTrace(t *testing.T) {
	process.Program(t, "prometheus") // or the test is skipped
	tempo := otlpcollector.Start(t, otlpcollector.Options{Protocol: exporters.ProtocolHTTP})
	c := startComposeCollector(t, tempo.Base(), below(t, "/otlp", tempo.Base()))
	s := startService(t, c, "http/protobuf", time.Minute, readComposeService(t, "tutorflow").environment(c)...)
	alertmanager := startComposeAlertmanager(t)
	url := startComposePrometheus(t, strings.TrimPrefix(s.url, "http://"), alertmanager)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if err := traffic.Run(ctx, s.url, 20); err != nil {
		t.Fatal(err)
	}

	var up struct{ Result []struct{ Value [2]any } }
	var rules struct{ Groups []struct{ Rules []any } }
	var alertmanagers struct{ ActiveAlertmanagers []struct{ URL string } }
	if !process.Eventually(func() bool {
		ask(t, url+`/api/v1/query?query=up{job="tutorflow-api"}==1`, &up)
		ask(t, url+"/api/v1/rules?type=alert", &rules)
		ask(t, url+"/api/v1/alertmanagers", &alertmanagers)
		return len(up.Result) == 1 && len(rules.Groups) > 0 &&
			len(alertmanagers.ActiveAlertmanagers) == 1 && strings.Contains(alertmanagers.ActiveAlertmanagers[0].URL, alertmanager)
	}) {
		t.Errorf("%d services are up, %d groups have alerts and %+v get them, want 1, some and %s",
			len(up.Result), len(rules.Groups), alertmanagers.ActiveAlertmanagers, alertmanager)
	}

	var series []struct {
		Exemplars []struct{ Labels map[string]string }
	}
	if !process.Eventually(func() bool {
		traces := map[string]bool{}
		for _, span := range tempo.Spans() {
			traces[hex.EncodeToString(span.GetTraceId())] = true
		}
		ask(t, url+"/api/v1/query_exemplars?query=tutorflow_http_request_duration_seconds_bucket&start=0&end="+time.Now().Add(time.Minute).UTC().Format(time.RFC3339), &series)
		for _, one := range series {
			for _, exemplar := range one.Exemplars {
				if traces[exemplar.Labels["trace_id"]] {
					return true
				}
			}
		}
		return false
	}) {
		t.Errorf("%d series have exemplars, and none leads to a trace that came to Tempo", len(series))
	}
	s.end(t)
}
