package telemetry_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/catalog"
)

func lookup(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := values[name]; return v, ok }
}

func TestEnvironmentIsReadOverTheDefaults(t *testing.T) {
	got, err := telemetry.ConfigFromEnv(lookup(map[string]string{
		"OTEL_SERVICE_NAME":              "api",
		"OTEL_RESOURCE_ATTRIBUTES":       "service.name=loses,service.version=1.2,team=a%20b",
		"OTEL_METRICS_EXPORTER":          "prometheus, console",
		"OTEL_TRACES_EXPORTER":           "console",
		"OTEL_TRACES_SAMPLER":            "traceidratio",
		"OTEL_TRACES_SAMPLER_ARG":        "0.25",
		"OTEL_METRIC_EXPORT_INTERVAL":    "5000",
		"OTEL_LOG_LEVEL":                 "WARN",
		"TUTORFLOW_ENVIRONMENT":          "staging",
		"TUTORFLOW_HTTP_SEMCONV_METRICS": "false",
		"TUTORFLOW_DRAIN_DELAY":          "0s",
		"OTEL_SDK_DISABLED":              "",
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := telemetry.DefaultConfig()
	want.Service = telemetry.Service{Name: "api", Version: "1.2", Environment: "staging"}
	want.Attributes = map[string]string{"team": "a b"}
	want.Metrics = telemetry.MetricsConfig{Exporters: []string{"prometheus", "console"}, Interval: 5e9}
	want.Traces = telemetry.TracesConfig{Exporters: []string{"console"}, Sampler: "traceidratio", Ratio: 0.25}
	want.Log.Level = "WARN"
	want.HTTP.SemconvMetrics = false
	want.Shutdown.DrainDelay = 0
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestEachBadSettingIsNamedWithWhatIsAllowed(t *testing.T) {
	tests := map[string]struct {
		env  map[string]string
		opts []telemetry.Option
		want []string
	}{
		"a name with a control character": {map[string]string{"OTEL_SERVICE_NAME": "a\x00b"}, nil,
			[]string{`Service.Name (OTEL_SERVICE_NAME) is "a\x00b", allowed is a name of 1 to 128 printable bytes`}},
		"an unknown exporter": {map[string]string{"OTEL_METRICS_EXPORTER": "promethesu"}, nil,
			[]string{`select metrics exporter "promethesu": allowed are prometheus, console, none`}},
		"an exporter that is not linked": {map[string]string{"OTEL_TRACES_EXPORTER": "otlp"}, nil,
			[]string{`select traces exporter "otlp": allowed are console, none`, "telemetry.WithExporters"}},
		"none beside another": {map[string]string{"OTEL_METRICS_EXPORTER": "prometheus,none"}, nil,
			[]string{`select metrics exporter "none": allowed only alone`}},
		"an exporter given twice": {map[string]string{"OTEL_METRICS_EXPORTER": "prometheus,prometheus"}, nil,
			[]string{`select metrics exporter "prometheus": given twice`}},
		"a boolean that is none": {map[string]string{"OTEL_SDK_DISABLED": "yes!"}, nil,
			[]string{`OTEL_SDK_DISABLED is "yes!", allowed is true or false`}},
		"an interval with a unit": {map[string]string{"OTEL_METRIC_EXPORT_INTERVAL": "10s"}, nil,
			[]string{`OTEL_METRIC_EXPORT_INTERVAL is "10s", allowed is a whole number of milliseconds`}},
		"an interval of zero": {map[string]string{"OTEL_METRIC_EXPORT_INTERVAL": "0"}, nil,
			[]string{`Metrics.Interval (OTEL_METRIC_EXPORT_INTERVAL) is "0s", allowed is 1ms to 1h`}},
		"an unknown sampler": {map[string]string{"OTEL_TRACES_SAMPLER": "bogus"}, nil,
			[]string{`Traces.Sampler (OTEL_TRACES_SAMPLER) is "bogus", allowed is always_on`}},
		"a ratio in percent": {map[string]string{"OTEL_TRACES_SAMPLER_ARG": "50"}, nil,
			[]string{`Traces.Ratio (OTEL_TRACES_SAMPLER_ARG) is "50", allowed is 0 to 1`}},
		"a ratio that is no number": {map[string]string{"OTEL_TRACES_SAMPLER_ARG": "NaN"}, nil,
			[]string{`Traces.Ratio (OTEL_TRACES_SAMPLER_ARG) is "NaN", allowed is 0 to 1`}},
		"an unknown level": {map[string]string{"OTEL_LOG_LEVEL": "loud"}, nil,
			[]string{`Log.Level (OTEL_LOG_LEVEL) is "loud", allowed is debug, info, warn, error`}},
		"a logs exporter": {map[string]string{"OTEL_LOGS_EXPORTER": "otlp"}, nil,
			[]string{`OTEL_LOGS_EXPORTER is "otlp", allowed is none`}},
		"a drain delay without unit": {map[string]string{"TUTORFLOW_DRAIN_DELAY": "5"}, nil,
			[]string{`TUTORFLOW_DRAIN_DELAY is "5", allowed is a duration like 5s`}},
		"a negative grace period": {map[string]string{"TUTORFLOW_GRACE_PERIOD": "-1s"}, nil,
			[]string{`Shutdown.GracePeriod (TUTORFLOW_GRACE_PERIOD) is "-1s", allowed is 0s to 10m`}},
		"a resource attribute without a value": {map[string]string{"OTEL_RESOURCE_ATTRIBUTES": "a=b,token-s3cret"}, nil,
			[]string{"OTEL_RESOURCE_ATTRIBUTES: pair 2 is malformed"}},
		"several at once": {map[string]string{"OTEL_LOG_LEVEL": "loud", "OTEL_SDK_DISABLED": "2", "OTEL_METRICS_EXPORTER": "x"}, nil,
			[]string{"OTEL_LOG_LEVEL", "OTEL_SDK_DISABLED", `select metrics exporter "x"`}},
		"a resource attribute that Prometheus reserves": {map[string]string{"OTEL_RESOURCE_ATTRIBUTES": "__name__=y"}, nil,
			[]string{`Attributes["__name__"] (OTEL_RESOURCE_ATTRIBUTES)`, "under a name of 1 to 128"}},
		"a resource attribute that collides with the service's": {map[string]string{"OTEL_RESOURCE_ATTRIBUTES": "service_name=evil"}, nil,
			[]string{`Attributes["service_name"]`}},
		"a resource attribute from code that is no text": {nil, []telemetry.Option{telemetry.WithConfig(func(c *telemetry.Config) {
			c.Attributes = map[string]string{"team": "\xff"}
		})}, []string{`Attributes["team"]`}},
		"an environment of invisible characters": {map[string]string{"TUTORFLOW_ENVIRONMENT": "a\u202eb"}, nil, []string{"Service.Environment"}},
		"a nil change of the configuration":      {nil, []telemetry.Option{telemetry.WithConfig(nil)}, []string{"WithConfig(<nil>)"}},
		"a nil target of an error type":          {nil, []telemetry.Option{telemetry.WithErrorType("a", nil)}, []string{`register error type "a": target <nil>`}},
		"a route without a path": {nil, []telemetry.Option{telemetry.WithRoutes("GET")},
			[]string{`declare route "GET": allowed are a standard method and a path of at most 128 bytes, like "GET /bookings/{id}"`}},
		"a route with braces the wrong way":   {nil, []telemetry.Option{telemetry.WithRoutes("/}{")}, []string{`declare route "/}{"`}},
		"a route with a method in lower case": {nil, []telemetry.Option{telemetry.WithRoutes("get /a")}, []string{`declare route "get /a"`}},
		"a route with an open brace":          {nil, []telemetry.Option{telemetry.WithRoutes("GET /a/{id")}, []string{`declare route "GET /a/{id"`}},
		"a service without operations": {nil, []telemetry.Option{telemetry.WithExternalServices(catalog.ExternalService{Name: "maps"})},
			[]string{`service "maps": operations []: at least one is needed`}},
		"a service that is no name": {nil, []telemetry.Option{telemetry.WithExternalServices(catalog.ExternalService{Name: "A b", Operations: []string{"x"}})},
			[]string{`label "service" value "A b": allowed are`}},
		"an error type of the built-in ones": {map[string]string{"OTEL_LOG_LEVEL": "loud"}, []telemetry.Option{telemetry.WithErrorType("timeout")},
			[]string{`label "error_type" value "timeout": given twice`, "OTEL_LOG_LEVEL"}},
		"a service without a name": {nil, []telemetry.Option{telemetry.WithExternalServices(catalog.ExternalService{})},
			[]string{`declare external services: `, `label "service" value ""`}},
		"an error type that is no label": {nil, []telemetry.Option{telemetry.WithErrorType("")},
			[]string{`label "error_type" value ""`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			env := map[string]string{"OTEL_SERVICE_NAME": "test"}
			maps.Copy(env, test.env)
			for key, value := range env {
				if strings.ContainsRune(value, 0) {
					continue
				}
				t.Setenv(key, value)
			}
			service := telemetry.Service{}
			if strings.ContainsRune(env["OTEL_SERVICE_NAME"], 0) {
				service.Name = env["OTEL_SERVICE_NAME"]
			}
			tel, err := telemetry.Init(t.Context(), service, append(test.opts, discard)...)
			if tel != nil || err == nil {
				t.Fatalf("Init: %v, %v, want an error", tel, err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error lacks %q:\n%v", want, err)
				}
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error holds a secret: %v", err)
			}
		})
	}
}
