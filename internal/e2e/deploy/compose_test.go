package deploy_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// checks look for what no program finds when it reads one of the files.
var checks = []func(*stack) []string{
	checkImages, checkVersions, checkServices, checkSettings, checkRules, checkSources, checkDashboards, checkAddresses, checkListening,
}

func problemsOf(s *stack) (problems []string) {
	for _, check := range checks {
		problems = append(problems, check(s)...)
	}
	return problems
}

func TestTheStackIsConsistent(t *testing.T) {
	s, err := readStack(t, repository)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problemsOf(s) {
		t.Error(problem)
	}
	if n := len(s.project.Services); n != 8 {
		t.Errorf("there are %d services, want 8", n)
	}
}

func TestAVariableMakesTheServiceFail(t *testing.T) {
	s, err := readStack(t, repository, "ERROR_RATE=0.2", "SLOW=2s", "TRAFFIC=100")
	if err != nil {
		t.Fatal(err)
	}
	command := s.project.Services["tutorflow"].Command
	for _, argument := range []string{"-error-rate=0.2", "-slow=2s", "-traffic=100"} {
		if !slices.Contains(command, argument) {
			t.Errorf("the command is %q, want %s in it", command, argument)
		}
	}
}

// plant copies all that the checks read, with one text in place of another.
func plant(t *testing.T, file, old, new string) string {
	t.Helper()
	root := t.TempDir()
	copyTo := func(name string, data []byte) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, folder := range []string{"examples/stack", "dashboards/json"} {
		if err := os.CopyFS(filepath.Join(root, folder), os.DirFS(filepath.Join(repository, folder))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"Makefile", "internal/e2e/go.mod", "internal/e2e/stack/builder.yaml", "alerting/alertmanager.yml"} {
		data, err := os.ReadFile(filepath.Join(repository, name))
		if err != nil {
			t.Fatal(err)
		}
		copyTo(name, data)
	}
	data, err := os.ReadFile(filepath.Join(root, "examples/stack", file))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		t.Fatalf("%s has no %q to put a defect in place of", file, old)
	}
	copyTo(filepath.Join("examples/stack", file), []byte(strings.Replace(string(data), old, new, 1)))
	return root
}

func TestEveryPlantedDefectIsFound(t *testing.T) {
	for name, defect := range map[string]struct{ file, old, new, want string }{
		"an unknown key":                           {"compose.yaml", "mem_limit: 128m", "memory: 128m", "memory"},
		"a service that does not exist":            {"compose.yaml", "      collector:\n        condition", "      collectors:\n        condition", "collectors"},
		"a variable that is malformed":             {"compose.yaml", "${SLOW:-0s}", "${SLOW:-0s", "SLOW"},
		"a volume that is not declared":            {"compose.yaml", "  postgres:\n  prometheus:\n", "  prometheus:\n", "undefined volume"},
		"the latest image":                         {"compose.yaml", "grafana/loki:3.7.8", "grafana/loki:latest", "not of one version"},
		"an image without a tag":                   {"compose.yaml", "grafana/loki:3.7.8", "grafana/loki", "not of one version"},
		"a registry":                               {"compose.yaml", "grafana/loki:3.7.8", "ghcr.io/grafana/loki:3.7.8", "names a registry"},
		"the default registry by name":             {"compose.yaml", "grafana/loki:3.7.8", "docker.io/grafana/loki:3.7.8", "names a registry"},
		"a moving base":                            {"Dockerfile", "alpine:3.24.1", "alpine:latest", "not of one version"},
		"another Prometheus than promtool":         {"Dockerfile", "prom/prometheus:v3.16.0", "prom/prometheus:v3.15.0", "stage prometheus is"},
		"another Alertmanager than amtool":         {"compose.yaml", "prom/alertmanager:v0.31.1", "prom/alertmanager:v0.31.0", "alertmanager is"},
		"another Collector than otelcol":           {"compose.yaml", "contrib:0.155.0", "contrib:0.154.0", "collector is"},
		"a target that is not a stage":             {"compose.yaml", "target: prometheus", "target: prom", "is built from target"},
		"another context":                          {"compose.yaml", "context: ../..", "context: ..", "is built from target"},
		"a port on all addresses":                  {"compose.yaml", "127.0.0.1:9093:9093", "9093:9093", "want a port of 127.0.0.1"},
		"a mounted file that does not exist":       {"compose.yaml", "./tempo.yaml:", "./tempos.yaml:", "tempos.yaml"},
		"a mounted file that can be written":       {"compose.yaml", "loki.yaml:ro", "loki.yaml", "mounted read-only: false"},
		"no limit of memory":                       {"compose.yaml", "    mem_limit: 1g\n", "", "no limit of memory"},
		"a health that nobody checks":              {"compose.yaml", "condition: service_started", "condition: service_healthy", "has no check"},
		"rules where nobody reads them":            {"Dockerfile", "/etc/prometheus/rules/", "/etc/prometheus/", "and Prometheus reads"},
		"rules that nobody reads":                  {"prometheus.yml", "rules/*.yaml", "rules/*.yml", "and Prometheus reads"},
		"alerts with links to elsewhere":           {"Dockerfile", "-grafana http://localhost:3000", "-grafana http://localhost:9090", "do not link"},
		"what the builder warns of":                {"Dockerfile", "AS build", "as build", "FromAsCasing"},
		"an unknown instruction":                   {"Dockerfile", "USER nobody", "USR nobody", "USR"},
		"an unknown key of Prometheus":             {"prometheus.yml", "job_name", "job", "field job"},
		"another scrape interval":                  {"prometheus.yml", "scrape_interval: 15s", "scrape_interval: 30s", "want true and the scrape interval"},
		"an endpoint that the SDK refuses":         {"compose.yaml", "http://collector:4318", "ftp://collector:4318", "OTEL_EXPORTER_OTLP_ENDPOINT"},
		"a setting with a misspelt name":           {"compose.yaml", "OTEL_TRACES_EXPORTER", "OTEL_TRACE_EXPORTER", "OTEL_TRACE_EXPORTER"},
		"an end that is cut off":                   {"compose.yaml", "stop_grace_period: 40s", "stop_grace_period: 30s", "to end and may need 35s"},
		"an Alertmanager that does not exist":      {"prometheus.yml", "alertmanager:9093", "alerts:9093", "nobody listens at alerts:9093"},
		"another port of the service":              {"prometheus.yml", "tutorflow:8000", "tutorflow:8080", "nobody listens at tutorflow:8080"},
		"an endpoint at another port":              {"compose.yaml", "http://collector:4318", "http://collector:4317", "nobody listens at collector:4317"},
		"a database at another port":               {"compose.yaml", "@postgres:5432", "@postgres:5433", "nobody listens at postgres:5433"},
		"a service that listens elsewhere":         {"compose.yaml", "-addr=0.0.0.0:8000", "-addr=0.0.0.0:8080", "does not listen on port 8080"},
		"a check of another port":                  {"compose.yaml", "http://127.0.0.1:8000/health", "http://127.0.0.1:8001/health", "does not listen on port 8001"},
		"an exporter to another port":              {"collector.yaml", "http://tempo:4318", "http://tempo:4317", "nobody listens at tempo:4317"},
		"a receiver on another port":               {"collector.yaml", "0.0.0.0:4318", "0.0.0.0:4317", "collector listens on"},
		"a Tempo on another port":                  {"tempo.yaml", "3200", "3201", "tempo listens on"},
		"a Loki on another port":                   {"loki.yaml", "3100", "3101", "loki listens on"},
		"a page that does not exist":               {"README.md", "http://localhost:9093", "http://localhost:9094", "nobody listens at localhost:9094"},
		"an unknown key of Grafana":                {"grafana/datasources.yaml", "timeInterval", "interval", "field interval"},
		"an exemplar that leads nowhere":           {"grafana/datasources.yaml", "- name: trace_id\n          datasourceUid: tempo", "- name: trace_id\n          datasourceUid: tempos", "an exemplar refers to"},
		"an exemplar by another label":             {"grafana/datasources.yaml", "- name: trace_id", "- name: traceID", "exemplars do not lead"},
		"a span that leads nowhere":                {"grafana/datasources.yaml", "datasourceUid: loki", "datasourceUid: tempo", "a span refers to"},
		"a log line that leads nowhere":            {"grafana/datasources.yaml", "url: $${__value.raw}\n          datasourceUid: tempo", "url: $${__value.raw}\n          datasourceUid: loki", "a log line refers to"},
		"a data source twice":                      {"grafana/datasources.yaml", "uid: loki", "uid: tempo", "is missing or not its own"},
		"a data source at another port":            {"grafana/datasources.yaml", "http://loki:3100", "http://loki:3200", "nobody listens at loki:3200"},
		"dashboards where Grafana does not look":   {"grafana/dashboards.yaml", "/etc/grafana/dashboards", "/var/lib/grafana/dashboards", "want TutorFlow and dashboards/json"},
		"data sources where Grafana does not look": {"compose.yaml", "provisioning/datasources/", "provisioning/sources/", "grafana reads the datasources"},
		"a home that does not exist":               {"compose.yaml", "tutorflow-api.json", "tutorflow-home.json", "the home dashboard"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := readStack(t, plant(t, defect.file, defect.old, defect.new))
			found := ""
			if err != nil {
				found = err.Error()
			} else {
				found = strings.Join(problemsOf(s), "\n")
			}
			if found == "" || !strings.Contains(found, defect.want) {
				t.Errorf("found is %q, want %q in it", found, defect.want)
			}
		})
	}
}
