package paging_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/tutorflow/observability/alerting"
	"github.com/tutorflow/observability/internal/e2e/internal/process"
)

// labels are those of an alert.
type labels map[string]string

// parseLabels reads "name=value name=value".
func parseLabels(text string) labels {
	l := labels{}
	for field := range strings.FieldsSeq(text) {
		name, value, _ := strings.Cut(field, "=")
		l[name] = value
	}
	return l
}

// alertmanager is a running Alertmanager.
type alertmanager struct{ address string }

// startAlertmanager starts Alertmanager with a configuration in which only the
// receivers' webhooks are new. A group other than the watchdog's waits for wait,
// if that is not zero, instead of the times of the file.
func startAlertmanager(t *testing.T, text string, w *webhooks, wait time.Duration) *alertmanager {
	t.Helper()
	binary := process.Program(t, "alertmanager")
	var config struct {
		Route     map[string]any
		Receivers []map[string]any
		Rest      map[string]any `yaml:",inline"`
	}
	unmarshal(t, text, &config)
	if wait > 0 {
		config.Route["group_wait"], config.Route["group_interval"] = wait.String(), wait.String()
	}
	for _, receiver := range config.Receivers {
		name := receiver["name"].(string)
		receiver["webhook_configs"] = []map[string]any{{"url": w.url + "/" + name, "send_resolved": name != "deadman"}}
	}
	folder := t.TempDir()
	file := filepath.Join(folder, "alertmanager.yml")
	write(t, file, config)
	a := &alertmanager{"127.0.0.1:" + process.FreePorts(t, 1)[0]}
	process.StartUntilReady(t, "http://"+a.address+"/-/ready", exec.Command(binary, "--config.file="+file, "--storage.path="+filepath.Join(folder, "data"),
		"--web.listen-address="+a.address, "--cluster.listen-address="))
	return a
}

// read returns a file of package alerting.
func read(t *testing.T, file string) string {
	t.Helper()
	text, err := fs.ReadFile(alerting.FS(), file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// write writes value as YAML to a file.
func write(t *testing.T, file string, value any) {
	t.Helper()
	text, err := yaml.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func unmarshal(t *testing.T, text string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(text), into); err != nil {
		t.Fatal(err)
	}
}

// fire sends alerts as Prometheus does, in this order.
func (a *alertmanager) fire(t *testing.T, alerts ...labels) {
	t.Helper()
	type alert struct {
		Labels labels    `json:"labels"`
		EndsAt time.Time `json:"endsAt"`
	}
	var body []alert
	for _, l := range alerts {
		body = append(body, alert{l, time.Now().Add(10 * time.Minute)})
	}
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post("http://"+a.address+"/api/v2/alerts", "application/json", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("alertmanager answers %s to alerts", response.Status)
	}
}

// states returns the state of each alert, by its label "case".
func (a *alertmanager) states(t *testing.T) map[string]string {
	t.Helper()
	status, body := process.Get("http://" + a.address + "/api/v2/alerts")
	var alerts []struct {
		Labels labels
		Status struct{ State string }
	}
	if err := json.Unmarshal(body, &alerts); err != nil {
		t.Fatalf("status %d, %q: %v", status, body, err)
	}
	states := map[string]string{}
	for _, alert := range alerts {
		states[alert.Labels["case"]] = alert.Status.State
	}
	return states
}
