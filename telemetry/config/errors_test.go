package config_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/tutorflow/observability/telemetry/config"
)

// problems are what is wrong with an environment, layer by layer and as a whole.
func problems(environ ...string) error {
	loaded, err := config.Load(append([]string{"OTEL_SERVICE_NAME=test"}, environ...))
	return errors.Join(err, loaded.Validate())
}

func manyPairs(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("a%d=s3cret", i))
	}
	return strings.Join(all, ",")
}

func TestEachWrongValueIsNamedWithItsSourceAndWhatIsAllowed(t *testing.T) {
	for name, test := range map[string]struct{ environ, want string }{
		"a boolean that is none":                               {"OTEL_SDK_DISABLED=yes", `disabled (OTEL_SDK_DISABLED) is "yes", allowed is true or false`},
		"a number as a boolean":                                {"TUTORFLOW_HTTP_ACCESS_LOG=1", `logs.access (TUTORFLOW_HTTP_ACCESS_LOG) is "1", allowed is true or false`},
		"a control character in a name":                        {"OTEL_SERVICE_NAME=a\x01", `service.name (OTEL_SERVICE_NAME) is "a\x01", allowed is a name of 1 to 128 printable bytes`},
		"a name that turns the text around":                    {"TUTORFLOW_ENVIRONMENT=a\u202eb", `service.environment (TUTORFLOW_ENVIRONMENT) is`},
		"an interval of zero":                                  {"OTEL_METRIC_EXPORT_INTERVAL=0", `metrics.interval (OTEL_METRIC_EXPORT_INTERVAL) is "0s", allowed is a duration with a unit like 10s, from 1ms to 1h; in the variable a number of milliseconds`},
		"an interval that is no time":                          {"OTEL_METRIC_EXPORT_INTERVAL=often", `metrics.interval (OTEL_METRIC_EXPORT_INTERVAL) is "often"`},
		"a duration without a unit":                            {"TUTORFLOW_DRAIN_DELAY=5", `shutdown.drain_delay (TUTORFLOW_DRAIN_DELAY) is "5", allowed is a duration with a unit like 10s, from 0s to 10m`},
		"a negative duration":                                  {"TUTORFLOW_GRACE_PERIOD=-1s", `shutdown.grace_period (TUTORFLOW_GRACE_PERIOD) is "-1s"`},
		"a sampler that does not exist":                        {"OTEL_TRACES_SAMPLER=bogus", `traces.sampler (OTEL_TRACES_SAMPLER) is "bogus", allowed is always_on, always_off, traceidratio`},
		"a ratio in percent":                                   {"OTEL_TRACES_SAMPLER_ARG=50", `traces.ratio (OTEL_TRACES_SAMPLER_ARG) is "50", allowed is a number from 0 to 1`},
		"a ratio that is not a number":                         {"OTEL_TRACES_SAMPLER_ARG=NaN", `traces.ratio (OTEL_TRACES_SAMPLER_ARG) is "NaN"`},
		"a ratio that is a word":                               {"OTEL_TRACES_SAMPLER_ARG=abc", `traces.ratio (OTEL_TRACES_SAMPLER_ARG) is "abc"`},
		"a level that does not exist":                          {"OTEL_LOG_LEVEL=loud", `logs.level (OTEL_LOG_LEVEL) is "loud", allowed is debug, info, warn, error`},
		"a negative queue, which ends the SDK":                 {"OTEL_BSP_MAX_QUEUE_SIZE=-1", `traces.batch.queue (OTEL_BSP_MAX_QUEUE_SIZE) is "-1", allowed is a whole number from 1 to 100000`},
		"a queue of all memory":                                {"OTEL_BSP_MAX_QUEUE_SIZE=999999999999", `traces.batch.queue (OTEL_BSP_MAX_QUEUE_SIZE) is "999999999999"`},
		"no queue":                                             {"OTEL_BSP_MAX_QUEUE_SIZE=0", `traces.batch.queue (OTEL_BSP_MAX_QUEUE_SIZE) is "0"`},
		"a negative batch, which ends the SDK":                 {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE=-5", `traces.batch.size (OTEL_BSP_MAX_EXPORT_BATCH_SIZE) is "-5"`},
		"a batch larger than the queue":                        {"OTEL_BLRP_MAX_EXPORT_BATCH_SIZE=4000", `logs.batch.size (OTEL_BLRP_MAX_EXPORT_BATCH_SIZE) is "4000", allowed is at most logs.batch.queue, which is 2048`},
		"an interval with a unit, which the SDK does not read": {"OTEL_METRIC_EXPORT_INTERVAL=10s", `metrics.interval (OTEL_METRIC_EXPORT_INTERVAL) is "10s"`},
		"an endpoint of user and password alone":               {"OTEL_EXPORTER_OTLP_ENDPOINT=user:s3cret@collector:4317", `otlp.endpoint (OTEL_EXPORTER_OTLP_ENDPOINT) is "[REDACTED]@collector:4317"`},
		"an endpoint with a slash in its password":             {"OTEL_EXPORTER_OTLP_ENDPOINT=http://user:s3/cret@c:4318", `otlp.endpoint (OTEL_EXPORTER_OTLP_ENDPOINT) is "http://[REDACTED]@c:4318"`},
		"an endpoint with a fragment":                          {"OTEL_EXPORTER_OTLP_ENDPOINT=https://c/#api_key=s3cret", `otlp.endpoint (OTEL_EXPORTER_OTLP_ENDPOINT) is "https://c/#[REDACTED]"`},
		"a token in the place of a header":                     {"OTEL_EXPORTER_OTLP_HEADERS=s3cretdXNlcjpzM2NyZXQ==", `otlp.headers (OTEL_EXPORTER_OTLP_HEADERS) is "[REDACTED]"`},
		"a header written with a colon":                        {"OTEL_EXPORTER_OTLP_HEADERS=authorization: Basic s3cret=", `otlp.headers (OTEL_EXPORTER_OTLP_HEADERS) is "[REDACTED]"`},
		"a header without anything in it":                      {"OTEL_EXPORTER_OTLP_HEADERS=a=", `otlp.headers (OTEL_EXPORTER_OTLP_HEADERS) is "[REDACTED]"`},
		"a header given twice in a variable":                   {"OTEL_EXPORTER_OTLP_HEADERS=a=s3cret,a=s3cret", `otlp.headers (OTEL_EXPORTER_OTLP_HEADERS) is malformed at pair 2`},
		"a file that is none":                                  {config.FileVariable + "=/dev/zero", `read configuration: read /dev/zero: not a regular file`},
		"no bound for attributes":                              {"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT=-1", `traces.limits.attribute_bytes (OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT) is "-1", allowed is a size like 256 or 1KiB, from 16 to 4096 bytes; in the variable a number of bytes`},
		"attributes of a gigabyte":                             {"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT=1000000000", `traces.limits.attribute_bytes (OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT)`},
		"a pair without a value":                               {"OTEL_RESOURCE_ATTRIBUTES=a=b,token-s3cret", `service.attributes (OTEL_RESOURCE_ATTRIBUTES) is malformed at pair 2`},
		"too many attributes":                                  {"OTEL_RESOURCE_ATTRIBUTES=" + manyPairs(129), `allowed is at most 128 attributes`},
		"an attribute that Prometheus reserves":                {"OTEL_RESOURCE_ATTRIBUTES=__name__=s3cret", `service.attributes (OTEL_RESOURCE_ATTRIBUTES) is "__name__=[REDACTED]"`},
		"an attribute of the service's own":                    {"OTEL_RESOURCE_ATTRIBUTES=service_name=evil", `service.attributes (OTEL_RESOURCE_ATTRIBUTES) is "service_name=[REDACTED]"`},
		"an endpoint without a host":                           {"OTEL_EXPORTER_OTLP_ENDPOINT=http://", `otlp.endpoint (OTEL_EXPORTER_OTLP_ENDPOINT) is "http://", allowed is a URL like http://collector:4318`},
		"an endpoint that cannot be parsed":                    {"OTEL_EXPORTER_OTLP_ENDPOINT=http://%zz", `otlp.endpoint (OTEL_EXPORTER_OTLP_ENDPOINT) is "http://%zz"`},
		"an endpoint of another scheme":                        {"OTEL_EXPORTER_OTLP_ENDPOINT=ftp://collector", `otlp.endpoint (OTEL_EXPORTER_OTLP_ENDPOINT) is "ftp://collector"`},
		"an endpoint of a name alone":                          {"OTEL_EXPORTER_OTLP_ENDPOINT=collector.internal", `otlp.endpoint (OTEL_EXPORTER_OTLP_ENDPOINT) is "collector.internal"`},
		"an endpoint with a password":                          {"OTEL_EXPORTER_OTLP_ENDPOINT=https://me:s3cret@collector", `otlp.endpoint (OTEL_EXPORTER_OTLP_ENDPOINT) is "https://[REDACTED]@collector"`},
		"an endpoint with a token":                             {"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=https://collector/x?token=s3cret", `otlp.logs.endpoint (OTEL_EXPORTER_OTLP_LOGS_ENDPOINT) is "https://collector/x?[REDACTED]"`},
		"an endpoint with a port of another kind":              {"OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:http", `otlp.endpoint (OTEL_EXPORTER_OTLP_ENDPOINT)`},
		"no scheme over HTTP":                                  {"OTEL_EXPORTER_OTLP_ENDPOINT=localhost:4318", `otlp.endpoint (OTEL_EXPORTER_OTLP_ENDPOINT) is "localhost:4318", allowed is a URL like http://collector:4318`},
		"a protocol that is not spoken":                        {"OTEL_EXPORTER_OTLP_PROTOCOL=http/json", `otlp.protocol (OTEL_EXPORTER_OTLP_PROTOCOL) is "http/json", allowed is grpc, http/protobuf`},
		"a protocol of one signal":                             {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=x", `otlp.traces.protocol (OTEL_EXPORTER_OTLP_TRACES_PROTOCOL) is "x"`},
		"a compression that is not spoken":                     {"OTEL_EXPORTER_OTLP_COMPRESSION=zstd", `otlp.compression (OTEL_EXPORTER_OTLP_COMPRESSION) is "zstd", allowed is gzip, none`},
		"a timeout that is a word":                             {"OTEL_EXPORTER_OTLP_TIMEOUT=abc", `otlp.timeout (OTEL_EXPORTER_OTLP_TIMEOUT) is "abc"`},
		"a header without a value":                             {"OTEL_EXPORTER_OTLP_HEADERS=s3cret", `otlp.headers (OTEL_EXPORTER_OTLP_HEADERS) is malformed at pair 1`},
		"a header that HTTP cannot carry":                      {"OTEL_EXPORTER_OTLP_HEADERS=api key=s3cret", `otlp.headers (OTEL_EXPORTER_OTLP_HEADERS) is "[REDACTED]"`},
		"a header that ends the header":                        {"OTEL_EXPORTER_OTLP_HEADERS=a=s3cret%0d%0aHost: evil", `otlp.headers (OTEL_EXPORTER_OTLP_HEADERS) is "[REDACTED]"`},
		"a temporality that does not exist":                    {"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=weekly", `otlp.temporality (OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE) is "weekly", allowed is cumulative, delta, lowmemory`},
		"histograms of another kind":                           {"OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION=base2_exponential_bucket_histogram", `otlp.histograms (OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION)`},
		"TLS that is asked for and not had":                    {"OTEL_EXPORTER_OTLP_INSECURE=false OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318", `otlp.insecure (OTEL_EXPORTER_OTLP_INSECURE) is "false", allowed is true or nothing for the endpoint http://collector:4318, which is sent to in clear`},
		"clear text that is asked for and not had":             {"OTEL_EXPORTER_OTLP_INSECURE=true OTEL_EXPORTER_OTLP_ENDPOINT=https://collector:4318", `otlp.insecure (OTEL_EXPORTER_OTLP_INSECURE) is "true", allowed is false or nothing`},
		"a port beyond all ports":                              {"OTEL_EXPORTER_PROMETHEUS_PORT=70000", `admin.port (OTEL_EXPORTER_PROMETHEUS_PORT) is "70000", allowed is a whole number from 0 to 65535`},
		"a host that is an address with a port":                {"OTEL_EXPORTER_PROMETHEUS_HOST=localhost:9464", `admin.host (OTEL_EXPORTER_PROMETHEUS_HOST) is "localhost:9464"`},
		"a token that anybody guesses":                         {"TUTORFLOW_ADMIN_TOKEN=s3cret", `admin.token (TUTORFLOW_ADMIN_TOKEN) is "[REDACTED]", allowed is 8 to 256 printable ASCII characters`},
		"a key without its certificate":                        {"TUTORFLOW_ADMIN_KEY=/key.pem", `admin.key (TUTORFLOW_ADMIN_KEY) is "/key.pem", allowed is a key and its certificate`},
		"a peer that is no network":                            {"TUTORFLOW_TRUSTED_PEERS=10.0.0.0/8,all", `traces.trusted_peers (TUTORFLOW_TRUSTED_PEERS) is "10.0.0.0/8,all", allowed is networks in CIDR notation`},
		"an exporter without a name":                           {"OTEL_METRICS_EXPORTER=prometheus,,otlp", `metrics.exporters (OTEL_METRICS_EXPORTER) is "prometheus,,otlp", allowed is names of exporters`},
		"a file that is not there":                             {config.FileVariable + "=/nonexistent.yaml", `read configuration: read /nonexistent.yaml: no such file or directory`},
	} {
		t.Run(name, func(t *testing.T) {
			environ := []string{test.environ}
			if strings.Contains(test.environ, " OTEL_") {
				environ = strings.Split(test.environ, " ")
			}
			err := problems(environ...)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v\nwant %s", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error holds a secret: %v", err)
			}
		})
	}
}

func TestEachMistakeInAFileIsNamedWithItsLine(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"a key that does not exist":      {"metrics:\n  exporter: otlp", `configure telemetry: metrics.exporter (telemetry.yaml:2) is no setting, allowed is exporters, interval, timeout`},
		"a section that does not exist":  {"metric: {}", `configure telemetry: metric (telemetry.yaml:1) is no setting, allowed is admin, disabled, http, logs, metrics, optional, otlp, service, shutdown, traces`},
		"a key given twice":              {"logs: {level: debug, level: info}", `logs.level (telemetry.yaml:1) is given twice`},
		"a section that is a text":       {"metrics: on", `metrics (telemetry.yaml:1) is no mapping`},
		"a value that is a mapping":      {"logs: {level: {all: debug}}", `logs.level (telemetry.yaml:1) is of another shape, allowed is a value: debug, info`},
		"a value that is a list":         {"logs: {level: [debug]}", `logs.level (telemetry.yaml:1) is of another shape`},
		"a list of lists":                {"metrics: {exporters: [[otlp]]}", `metrics.exporters (telemetry.yaml:1) is of another shape`},
		"a mapping that is a text":       {"otlp: {headers: s3cret}", `otlp.headers (telemetry.yaml:1) is of another shape, allowed is a mapping`},
		"a mapping of mappings":          {"otlp: {headers: {a: {b: s3cret}}}", `otlp.headers (telemetry.yaml:1) is of another shape`},
		"a header given twice":           {"otlp: {headers: {a: s3cret, a: s3cret}}", `otlp.headers (telemetry.yaml:1) is a name given twice`},
		"a duration without a unit":      {"metrics: {interval: 15}", `metrics.interval (telemetry.yaml:1) is "15", allowed is a duration with a unit`},
		"a wrong value":                  {"\nlogs:\n  level: loud", `logs.level (telemetry.yaml:3) is "loud"`},
		"a variable that is not set":     {"service: {name: \"${NAME}\"}", `service.name (telemetry.yaml:1) is ${NAME}, which is not set, allowed is a variable that is set, or ${NAME:-default}`},
		"a reference that does not end":  {"service: {name: \"${NAME\"}", `service.name (telemetry.yaml:1) is with an open ${`},
		"a list at the top":              {"- metrics", `the file (telemetry.yaml:1) is no mapping`},
		"an anchor that is a secret":     {"admin: {token: *s3cretsecret}", `unknown anchor '…' referenced`},
		"no YAML":                        {"metrics: [", `read configuration: `},
		"two documents":                  {"disabled: true\n---\ndisabled: false", `more than one document`},
		"a file of more than a megabyte": {strings.Repeat("#", 1<<20+1), `has more than 1048576 bytes`},
		"a merge of mappings":            {"service: &a {name: x}\nlogs: {<<: *a}", `logs.<< (telemetry.yaml:2) is no setting`},
	} {
		t.Run(name, func(t *testing.T) {
			variable := file(t, test.text)
			err := problems(variable)
			_, path, _ := strings.Cut(variable, "=")
			got := ""
			if err != nil {
				got = strings.ReplaceAll(err.Error(), path, "telemetry.yaml")
			}
			if !strings.Contains(got, test.want) {
				t.Errorf("the error is %s\nwant %s", got, test.want)
			}
			if strings.Contains(got, "s3cret") {
				t.Errorf("the error holds a secret: %s", got)
			}
		})
	}
}

func TestEverythingThatIsWrongIsInOneErrorOnce(t *testing.T) {
	err := problems("OTEL_LOG_LEVEL=loud", "OTEL_SDK_DISABLED=2", "OTEL_EXPORTER_OTLP_ENDPOINT=ftp://x", file(t, "x: 1\nmetrics: {interval: 1}"))
	wrong, others := config.Errors(err)
	if len(wrong) != 5 || len(others) != 0 {
		t.Errorf("%d errors about settings and %d others:\n%v", len(wrong), len(others), err)
	}
}

func TestFileThatCannotBeReadIsAnErrorEvenWhereNoneIsNamed(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir(config.DefaultFile, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Load(nil); err == nil {
		t.Error("a folder is taken for a file")
	}
}
