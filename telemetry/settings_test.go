package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tutorflow/observability/exporters/all"
	"github.com/tutorflow/observability/telemetry"
)

// startProgram is a service that answers one request and ends. What is wrong
// with its settings is on stderr.
func startProgram() int {
	tel, err := telemetry.Init(context.Background(), telemetry.Service{Version: "1"}, telemetry.WithExporters(all.Factories()...))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	mux := tel.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "served") })
	response := httptest.NewRecorder()
	tel.Handler(mux).ServeHTTP(response, httptest.NewRequest(http.MethodGet, "/", nil))
	fmt.Fprint(os.Stderr, response.Body)
	ctx, cancel := context.WithTimeout(context.Background(), 500e6)
	defer cancel()
	_ = tel.Shutdown(ctx) // nobody listens at the endpoints
	return 0
}

// badSettings are settings that start must refuse, each with what it says, and
// what is off where telemetry is optional.
var badSettings = map[string]struct{ environ, want, off string }{
	"a boolean in words":                         {"OTEL_SDK_DISABLED=yes", `disabled (OTEL_SDK_DISABLED) is "yes", allowed is true or false`, "telemetry is off"},
	"an exporter that does not exist":            {"OTEL_METRICS_EXPORTER=promethesu", `select metrics exporter "promethesu": allowed are prometheus, console, otlp, none`, "metrics are off"},
	"none beside an exporter":                    {"OTEL_TRACES_EXPORTER=otlp,none", `select traces exporter "none": allowed only alone, not in "otlp,none"`, "traces are off"},
	"an exporter twice":                          {"OTEL_LOGS_EXPORTER=otlp,otlp", `select logs exporter "otlp": given twice`, "logs are off"},
	"an exporter of another signal":              {"OTEL_TRACES_EXPORTER=prometheus", `select traces exporter "prometheus": allowed are`, "traces are off"},
	"an exporter without a name":                 {"OTEL_METRICS_EXPORTER=prometheus,", `metrics.exporters (OTEL_METRICS_EXPORTER): select metrics exporter ""`, "metrics are off"},
	"an endpoint without a scheme":               {"OTEL_EXPORTER_OTLP_ENDPOINT=localhost:4318", `otlp.endpoint (OTEL_EXPORTER_OTLP_ENDPOINT) is "localhost:4318", allowed is a URL like`, "traces do not go to otlp"},
	"an endpoint of a name alone":                {"OTEL_EXPORTER_OTLP_ENDPOINT=collector.internal", `otlp.endpoint (OTEL_EXPORTER_OTLP_ENDPOINT) is "collector.internal"`, "metrics do not go to otlp"},
	"an endpoint that is malformed":              {"OTEL_EXPORTER_OTLP_ENDPOINT=http://%zz", `otlp.endpoint (OTEL_EXPORTER_OTLP_ENDPOINT) is "http://%zz"`, "logs do not go to otlp"},
	"an endpoint with a password":                {"OTEL_EXPORTER_OTLP_ENDPOINT=https://u:s3cret@c", `otlp.endpoint (OTEL_EXPORTER_OTLP_ENDPOINT) is "https://[REDACTED]@c"`, "do not go to otlp"},
	"a protocol that is not spoken":              {"OTEL_EXPORTER_OTLP_PROTOCOL=http/json", `otlp.protocol (OTEL_EXPORTER_OTLP_PROTOCOL) is "http/json", allowed is grpc, http/protobuf`, "do not go to otlp"},
	"a compression not spoken":                   {"OTEL_EXPORTER_OTLP_TRACES_COMPRESSION=zstd", `otlp.traces.compression (OTEL_EXPORTER_OTLP_TRACES_COMPRESSION) is "zstd"`, "traces do not go to otlp"},
	"a timeout in words":                         {"OTEL_EXPORTER_OTLP_TIMEOUT=abc", `otlp.timeout (OTEL_EXPORTER_OTLP_TIMEOUT) is "abc"`, "do not go to otlp"},
	"a header without a value":                   {"OTEL_EXPORTER_OTLP_HEADERS=s3cret", `otlp.headers (OTEL_EXPORTER_OTLP_HEADERS) is malformed at pair 1`, "do not go to otlp"},
	"a certificate that is not there":            {"OTEL_TRACES_EXPORTER=otlp OTEL_EXPORTER_OTLP_ENDPOINT=https://127.0.0.1:1 OTEL_EXPORTER_OTLP_CERTIFICATE=/nonexistent.pem", `open otlp exporter for traces: `, "traces do not go to otlp"},
	"a certificate over clear text":              {"OTEL_TRACES_EXPORTER=otlp OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1 OTEL_EXPORTER_OTLP_CERTIFICATE=go.mod", `open otlp exporter for traces: `, "traces do not go to otlp"},
	"a client key alone":                         {"OTEL_LOGS_EXPORTER=otlp OTEL_EXPORTER_OTLP_ENDPOINT=https://127.0.0.1:1 OTEL_EXPORTER_OTLP_CLIENT_KEY=/k", `open otlp exporter for logs: `, "logs do not go to otlp"},
	"TLS that is not had":                        {"OTEL_EXPORTER_OTLP_INSECURE=false OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318", `otlp.insecure (OTEL_EXPORTER_OTLP_INSECURE) is "false"`, "do not go to otlp"},
	"a temporality":                              {"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=weekly", `otlp.temporality (OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE) is "weekly"`, "do not go to otlp"},
	"exponential histograms":                     {"OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION=base2_exponential_bucket_histogram", `otlp.histograms (OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION)`, "do not go to otlp"},
	"a sampler that does not exist":              {"OTEL_TRACES_SAMPLER=bogus", `traces.sampler (OTEL_TRACES_SAMPLER) is "bogus", allowed is always_on`, "traces are off"},
	"a ratio in percent":                         {"OTEL_TRACES_SAMPLER_ARG=50", `traces.ratio (OTEL_TRACES_SAMPLER_ARG) is "50", allowed is a number from 0 to 1`, "traces are off"},
	"a ratio that is no number":                  {"OTEL_TRACES_SAMPLER_ARG=NaN", `traces.ratio (OTEL_TRACES_SAMPLER_ARG) is "NaN"`, "traces are off"},
	"a queue that ends the SDK":                  {"OTEL_BSP_MAX_QUEUE_SIZE=-1", `traces.batch.queue (OTEL_BSP_MAX_QUEUE_SIZE) is "-1"`, "traces are off"},
	"a queue of all memory":                      {"OTEL_BSP_MAX_QUEUE_SIZE=999999999999", `traces.batch.queue (OTEL_BSP_MAX_QUEUE_SIZE) is "999999999999"`, "traces are off"},
	"no queue":                                   {"OTEL_BSP_MAX_QUEUE_SIZE=0", `traces.batch.queue (OTEL_BSP_MAX_QUEUE_SIZE) is "0"`, "traces are off"},
	"a batch that ends the SDK":                  {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE=-5", `traces.batch.size (OTEL_BSP_MAX_EXPORT_BATCH_SIZE) is "-5"`, "traces are off"},
	"a batch larger than its queue":              {"OTEL_BLRP_MAX_EXPORT_BATCH_SIZE=4000", `logs.batch.size (OTEL_BLRP_MAX_EXPORT_BATCH_SIZE) is "4000", allowed is at most logs.batch.queue, which is 2048`, "logs are off"},
	"attributes without a bound":                 {"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT=-1", `traces.limits.attribute_bytes (OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT) is "-1"`, "traces are off"},
	"an interval of zero":                        {"OTEL_METRIC_EXPORT_INTERVAL=0", `metrics.interval (OTEL_METRIC_EXPORT_INTERVAL) is "0s"`, "the default holds"},
	"an attribute without a value":               {"OTEL_RESOURCE_ATTRIBUTES=novalue,a=b", `service.attributes (OTEL_RESOURCE_ATTRIBUTES) is malformed at pair 1`, "the default holds"},
	"an attribute that is reserved":              {"OTEL_RESOURCE_ATTRIBUTES=__name__=x", `service.attributes (OTEL_RESOURCE_ATTRIBUTES) is "__name__=[REDACTED]"`, "the default holds"},
	"a level that does not exist":                {"OTEL_LOG_LEVEL=loud", `logs.level (OTEL_LOG_LEVEL) is "loud", allowed is debug, info, warn, error`, "the default holds"},
	"a port beyond all ports":                    {"OTEL_EXPORTER_PROMETHEUS_PORT=70000", `admin.port (OTEL_EXPORTER_PROMETHEUS_PORT) is "70000"`, "there is no admin listener"},
	"a token that anybody guesses":               {"TUTORFLOW_ADMIN_TOKEN=s3cret", `admin.token (TUTORFLOW_ADMIN_TOKEN) is "[REDACTED]"`, "there is no admin listener"},
	"a certificate of the admin that never ends": {"OTEL_EXPORTER_PROMETHEUS_PORT=1 TUTORFLOW_ADMIN_CERTIFICATE=/dev/zero TUTORFLOW_ADMIN_KEY=/dev/zero", `listen for admin: certificate "/dev/zero"`, "there is no admin listener"},
	"a drain without a unit":                     {"TUTORFLOW_DRAIN_DELAY=5", `shutdown.drain_delay (TUTORFLOW_DRAIN_DELAY) is "5"`, "the default holds"},
	"a peer that is no network":                  {"TUTORFLOW_TRUSTED_PEERS=everyone", `traces.trusted_peers (TUTORFLOW_TRUSTED_PEERS) is "everyone"`, "traces are off"},
	"a file that is not there":                   {"TUTORFLOW_TELEMETRY_FILE=/nonexistent.yaml", `read configuration: read /nonexistent.yaml: no such file or directory`, "it is not read"},
	"a file with a misspelt key":                 {"TUTORFLOW_TELEMETRY_FILE=misspelt.yaml", `metrics.exporter (misspelt.yaml:2) is no setting, allowed is exporters, interval, timeout`, "it is not read"},
	"a file that is no YAML":                     {"TUTORFLOW_TELEMETRY_FILE=broken.yaml", `read configuration: broken.yaml: `, "it is not read"},
	"a name that cannot be seen":                 {"OTEL_SERVICE_NAME=\x01", `service.name (OTEL_SERVICE_NAME) is "\x01"`, "the service is called unknown_service"},
	"a file that never ends":                     {"TUTORFLOW_TELEMETRY_FILE=/dev/zero", `read configuration: read /dev/zero: not a regular file`, "it is not read"},
	"an interval with a unit":                    {"OTEL_METRIC_EXPORT_INTERVAL=10s", `metrics.interval (OTEL_METRIC_EXPORT_INTERVAL) is "10s"`, "the default holds"},
	"what is behind a wrong protocol":            {"OTEL_EXPORTER_OTLP_PROTOCOL=bogus OTEL_EXPORTER_OTLP_ENDPOINT=collector:4317", `otlp.protocol (OTEL_EXPORTER_OTLP_PROTOCOL) is "bogus"`, "nothing goes to otlp"},
	"what is behind a wrong endpoint":            {"OTEL_EXPORTER_OTLP_TRACES_INSECURE=true OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://%zz OTEL_EXPORTER_OTLP_ENDPOINT=https://c", `otlp.traces.endpoint (OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) is "http://%zz"`, "traces do not go to otlp"},
	"several at once":                            {"OTEL_LOG_LEVEL=loud OTEL_BSP_MAX_QUEUE_SIZE=-1 OTEL_METRICS_EXPORTER=x", `traces.batch.queue (OTEL_BSP_MAX_QUEUE_SIZE) is "-1"`, "traces are off"},
}

// startService runs startProgram with settings.
func startService(t *testing.T, folder string, environ ...string) (stdout, stderr string, code int) {
	t.Helper()
	command := exec.Command(os.Args[0])
	command.Dir = folder
	command.Env = append(environ, "TELEMETRY_TEST_PROGRAM=start", "TUTORFLOW_ENVIRONMENT=test")
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), command.ProcessState.ExitCode()
}

func settingsFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{"misspelt.yaml": "metrics:\n  exporter: otlp\n", "broken.yaml": "metrics: ["} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestBadSettingIsAnErrorAtStartAndLeavesTheServiceRunningWhereItIsOptional(t *testing.T) {
	if len(badSettings) < 30 {
		t.Fatalf("there are only %d bad settings", len(badSettings))
	}
	folder := settingsFolder(t)
	for name, test := range badSettings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			environ := []string{"OTEL_SERVICE_NAME=test"}
			if strings.Contains(test.off, "otlp") {
				environ = append(environ, "OTEL_METRICS_EXPORTER=prometheus,otlp", "OTEL_TRACES_EXPORTER=otlp", "OTEL_LOGS_EXPORTER=otlp")
			}
			environ = append(environ, strings.Fields(test.environ)...)
			stdout, stderr, code := startService(t, folder, environ...)
			if code != 1 || stdout != "" || !strings.Contains(stderr, test.want) {
				t.Errorf("strict: exit code %d, stdout %q, stderr:\n%s\nwant exit code 1 and %s", code, stdout, stderr, test.want)
			}
			lenient, served, code := startService(t, folder, append(environ, "TUTORFLOW_TELEMETRY_OPTIONAL=true")...)
			if code != 0 || !strings.HasSuffix(served, "served") {
				t.Errorf("optional: exit code %d, want 0 and an API that serves: %s", code, served)
			}
			if !refused(t, lenient, test.want, test.off) {
				t.Errorf("optional: no line at WARN says %q and %q:\n%s", test.want, test.off, lenient)
			}
			if strings.Contains(stderr+lenient, "s3cret") {
				t.Errorf("a secret is shown:\n%s%s", stderr, lenient)
			}
		})
	}
}

// refused reports whether a line at WARN says that a setting was refused, and
// what that costs.
func refused(t *testing.T, stdout, why, off string) (told bool) {
	t.Helper()
	for line := range strings.Lines(stdout) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Errorf("%v: %s", err, line)
		}
		if fields["level"] == "WARN" && fields["message"] == "telemetry setting refused" {
			told = told || strings.Contains(fmt.Sprint(fields["reason"]), why) && strings.Contains(fmt.Sprint(fields["consequence"]), off)
		}
	}
	return told
}

func TestKillSwitchStartsWhateverElseIsWrong(t *testing.T) {
	stdout, stderr, code := startService(t, settingsFolder(t), "OTEL_SERVICE_NAME=test", "OTEL_SDK_DISABLED=true",
		"OTEL_TRACES_SAMPLER=bogus", "OTEL_METRICS_EXPORTER=x", "OTEL_TRACES_EXPORTER=otlp", "OTEL_EXPORTER_OTLP_ENDPOINT=https://127.0.0.1:1", "OTEL_EXPORTER_OTLP_CERTIFICATE=/nonexistent.pem")
	if code != 0 || !strings.HasSuffix(stderr, "served") {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
	if !refused(t, stdout, "traces.sampler", "traces are off") || !refused(t, stdout, "metrics.exporters", "metrics are off") {
		t.Errorf("what is wrong is not told:\n%s", stdout)
	}
}

func TestGoodSettingsStart(t *testing.T) {
	folder := settingsFolder(t)
	for _, environ := range []string{
		"", "OTEL_METRICS_EXPORTER=none", "OTEL_LOGS_EXPORTER=console", "OTEL_SDK_DISABLED=TRUE",
		"OTEL_METRICS_EXPORTER=prometheus,otlp OTEL_TRACES_EXPORTER=otlp OTEL_LOGS_EXPORTER=otlp,console OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1",
	} {
		if _, stderr, code := startService(t, folder, append(strings.Fields(environ), "OTEL_SERVICE_NAME=test")...); code != 0 || stderr != "served" {
			t.Errorf("%q: exit code %d, stderr %q", environ, code, stderr)
		}
	}
}
