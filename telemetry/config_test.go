package telemetry_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/catalog"
)

func TestEachBadChoiceIsNamedWithWhatIsAllowed(t *testing.T) {
	tests := map[string]struct {
		env  map[string]string
		opts []telemetry.Option
		want []string
	}{
		"an unknown exporter": {map[string]string{"OTEL_METRICS_EXPORTER": "promethesu"}, nil,
			[]string{`select metrics exporter "promethesu": allowed are prometheus, console, none`}},
		"an exporter that is not linked": {map[string]string{"OTEL_TRACES_EXPORTER": "otlp"}, nil,
			[]string{`select traces exporter "otlp": allowed are console, none`, "telemetry.WithExporters"}},
		"none beside another": {map[string]string{"OTEL_METRICS_EXPORTER": "prometheus,none"}, nil,
			[]string{`select metrics exporter "none": allowed only alone`}},
		"an exporter given twice": {map[string]string{"OTEL_METRICS_EXPORTER": "prometheus,prometheus"}, nil,
			[]string{`select metrics exporter "prometheus": given twice`}},
		"several at once": {map[string]string{"OTEL_LOG_LEVEL": "loud", "OTEL_SDK_DISABLED": "2", "OTEL_METRICS_EXPORTER": "x"}, nil,
			[]string{"OTEL_LOG_LEVEL", "OTEL_SDK_DISABLED", `select metrics exporter "x"`}},
		"a resource attribute from code that is no text": {nil, []telemetry.Option{telemetry.WithConfig(func(c *telemetry.Config) {
			c.Service.Attributes = map[string]string{"team": "\xff"}
		})}, []string{`service.attributes (code) is "team=[REDACTED]"`}},
		"an exporter of logs that is not linked": {map[string]string{"OTEL_LOGS_EXPORTER": "otlp"}, nil,
			[]string{`select logs exporter "otlp": allowed are console, none`}},
		"a nil change of the configuration": {nil, []telemetry.Option{telemetry.WithConfig(nil)}, []string{"WithConfig(<nil>)"}},
		"a nil target of an error type":     {nil, []telemetry.Option{telemetry.WithErrorType("a", nil)}, []string{`register error type "a": target <nil>`}},
		"a route without a path": {nil, []telemetry.Option{telemetry.WithRoutes("GET")},
			[]string{`declare route "GET": allowed are a standard method and a path of at most 128 bytes, like "GET /bookings/{id}"`}},
		"a route with braces the wrong way":   {nil, []telemetry.Option{telemetry.WithRoutes("/}{")}, []string{`declare route "/}{"`}},
		"a route with a method in lower case": {nil, []telemetry.Option{telemetry.WithRoutes("get /a")}, []string{`declare route "get /a"`}},
		"a route behind a line break":         {nil, []telemetry.Option{telemetry.WithRoutes("GET\n/a")}, []string{`declare route "GET\n/a"`}},
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
				t.Setenv(key, value)
			}
			tel, err := telemetry.Init(t.Context(), telemetry.Service{}, append(test.opts, discard)...)
			if tel != nil || err == nil {
				t.Fatalf("Init: %v, %v, want an error", tel, err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error lacks %q:\n%v", want, err)
				}
			}
		})
	}
}
