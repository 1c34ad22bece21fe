package config_test

import (
	"strings"
	"testing"

	"github.com/tutorflow/observability/telemetry/config"
)

func TestWhatHasNoEffectIsTold(t *testing.T) {
	for name, test := range map[string]struct{ environ, want string }{
		"nothing is set":                  {"", ""},
		"a misspelt variable":             {"TUTORFLOW_ADMIN_TOKKEN=x", "nothing here reads TUTORFLOW_ADMIN_TOKKEN"},
		"a ratio that no sampler uses":    {"OTEL_TRACES_EXPORTER=otlp OTEL_TRACES_SAMPLER_ARG=0.1", "traces.ratio (OTEL_TRACES_SAMPLER_ARG) has no effect: traces.sampler is parentbased_always_on"},
		"a ratio that its sampler uses":   {"OTEL_TRACES_EXPORTER=otlp OTEL_TRACES_SAMPLER=traceidratio OTEL_TRACES_SAMPLER_ARG=0.1", ""},
		"a sampler without an exporter":   {"OTEL_TRACES_SAMPLER=always_on", "traces.sampler (OTEL_TRACES_SAMPLER) has no effect: traces.exporters is none"},
		"an endpoint without an exporter": {"OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318", "otlp.endpoint (OTEL_EXPORTER_OTLP_ENDPOINT) has no effect: no signal has the exporter otlp"},
		"a token without a listener":      {"TUTORFLOW_ADMIN_TOKEN=12345678", "admin.token (TUTORFLOW_ADMIN_TOKEN) has no effect: admin.port is 0"},
		"the port of gRPC over HTTP":      {"OTEL_LOGS_EXPORTER=otlp OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317", "the endpoint of otlp for logs has the usual port of gRPC, and its protocol is http/protobuf"},
		"an endpoint without a path":      {"OTEL_LOGS_EXPORTER=otlp OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=http://c:4318", "the endpoint of otlp for logs is used as it is and has no path; the usual one is /v1/logs"},
		"a path that is appended twice":   {"OTEL_METRICS_EXPORTER=otlp OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318/v1/traces", "otlp.endpoint is that of all signals, to which /v1/metrics is appended; it has such a path already"},
		"everything is off":               {"OTEL_SDK_DISABLED=true OTEL_TRACES_SAMPLER=always_on", ""},
	} {
		t.Run(name, func(t *testing.T) {
			loaded, err := config.Load(append(strings.Fields(test.environ), "OTEL_SERVICE_NAME=test"))
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(loaded.Warnings(), "; "); got != test.want {
				t.Errorf("the warnings are %q, want %q", got, test.want)
			}
		})
	}
}
