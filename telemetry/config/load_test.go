package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/telemetry/config"
)

// file writes a configuration file and returns the variable that names it.
func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "telemetry.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.FileVariable + "=" + path
}

func TestEachLayerChangesTheOneBelow(t *testing.T) {
	text := "metrics:\n  interval: 30s\n"
	fromCode := func(c *config.Config) { c.Metrics.Interval = time.Second }
	for name, test := range map[string]struct {
		environ []string
		code    func(*config.Config)
		want    time.Duration
		source  string
	}{
		"nothing is set":                        {nil, nil, time.Minute, "default"},
		"the file is above the defaults":        {[]string{file(t, text)}, nil, 30 * time.Second, "telemetry.yaml:2"},
		"the environment is above the file":     {[]string{file(t, text), "OTEL_METRIC_EXPORT_INTERVAL=20000"}, nil, 20 * time.Second, "OTEL_METRIC_EXPORT_INTERVAL"},
		"code is above the environment":         {[]string{file(t, text), "OTEL_METRIC_EXPORT_INTERVAL=20000"}, fromCode, time.Second, "code"},
		"an empty variable is none":             {[]string{file(t, text), "OTEL_METRIC_EXPORT_INTERVAL= "}, nil, 30 * time.Second, "telemetry.yaml:2"},
		"code that changes nothing is no layer": {[]string{file(t, text)}, func(c *config.Config) { c.Metrics.Interval = 30 * time.Second }, 30 * time.Second, "telemetry.yaml:2"},
	} {
		t.Run(name, func(t *testing.T) {
			loaded, err := config.Load(test.environ)
			if err != nil {
				t.Fatal(err)
			}
			if test.code != nil {
				loaded.Change(test.code)
			}
			if got := loaded.Config.Metrics.Interval; got != test.want {
				t.Errorf("the interval is %v, want %v", got, test.want)
			}
			if got := source(loaded, "metrics.interval"); !strings.HasSuffix(got, test.source) {
				t.Errorf("the source is %q, want %q", got, test.source)
			}
		})
	}
}

func source(loaded *config.Loaded, key string) string { return value(loaded, key).Source }

func value(loaded *config.Loaded, key string) config.Value {
	for _, v := range loaded.Values() {
		if v.Key == key {
			return v
		}
	}
	return config.Value{}
}

func TestFileInTheWorkingDirectoryIsReadWhereThereIsOne(t *testing.T) {
	t.Chdir(t.TempDir())
	if loaded, err := config.Load(nil); err != nil || loaded.Config.Service.Name != "" {
		t.Errorf("without a file: %v, %+v", err, loaded.Config.Service)
	}
	if err := os.WriteFile(config.DefaultFile, []byte("service: {name: here}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if loaded, err := config.Load(nil); err != nil || loaded.Config.Service.Name != "here" {
		t.Errorf("with a file: %v, %+v", err, loaded.Config.Service)
	}
}

func TestWholeFileIsRead(t *testing.T) {
	loaded, err := config.Load([]string{"TOKEN=s3cret", file(t, `
service: &service
  name: api
  environment: ${DEPLOY_ENV:-staging}
  attributes: {team: booking, price: "$$5"}
disabled: no-thanks-is-no-boolean-but-false-is
optional: ~
metrics:
  exporters: [prometheus, otlp]
  interval: 15s
traces:
  exporters: ${TRACES:-otlp, console}
  ratio: 0.1
  limits: {attribute_bytes: 1KiB}
logs:
otlp:
  headers: {authorization: "Bearer ${TOKEN}"}
  traces: {endpoint: "https://traces.example/otlp"}
`)})
	wrong, others := config.Errors(err)
	if len(wrong) != 1 || len(others) != 0 || wrong[0].Key != "disabled" {
		t.Fatalf("the errors are %v", err)
	}
	want := config.Default()
	want.Service = config.Service{Name: "api", Environment: "staging", Attributes: map[string]string{"team": "booking", "price": "$5"}}
	want.Metrics.Exporters, want.Metrics.Interval = []string{"prometheus", "otlp"}, 15*time.Second
	want.Traces.Exporters, want.Traces.Ratio, want.Traces.Limits.AttributeBytes = []string{"otlp", "console"}, 0.1, 1024
	want.OTLP.Headers = map[string]string{"authorization": "Bearer s3cret"}
	want.OTLP.Traces.URL = "https://traces.example/otlp"
	if diff := cmp.Diff(want, loaded.Config); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if err := loaded.Validate(); err != nil {
		t.Error(err)
	}
}

func TestAttributesOfTheEnvironmentNameTheServiceWhereNothingElseDoes(t *testing.T) {
	attributes := "OTEL_RESOURCE_ATTRIBUTES=service.name=a,service.version=1.2,deployment.environment=old,deployment.environment.name=new,team=a%20b"
	for name, test := range map[string]struct {
		environ []string
		want    config.Service
	}{
		"alone": {[]string{attributes}, config.Service{Name: "a", Version: "1.2", Environment: "new"}},
		"below the variables": {[]string{attributes, "OTEL_SERVICE_NAME=b", "TUTORFLOW_ENVIRONMENT=c"},
			config.Service{Name: "b", Version: "1.2", Environment: "c"}},
		"above the file": {[]string{attributes, file(t, "service: {name: f, environment: f}")},
			config.Service{Name: "a", Version: "1.2", Environment: "new"}},
	} {
		t.Run(name, func(t *testing.T) {
			loaded, err := config.Load(test.environ)
			if err != nil {
				t.Fatal(err)
			}
			test.want.Attributes = map[string]string{"team": "a b"}
			if diff := cmp.Diff(test.want, loaded.Config.Service); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if err := loaded.Validate(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestHostAloneHasThePortOfTheSpecification(t *testing.T) {
	for environ, want := range map[string]int{
		"": 0, "OTEL_EXPORTER_PROMETHEUS_HOST=0.0.0.0": 9464,
		"OTEL_EXPORTER_PROMETHEUS_HOST=0.0.0.0 OTEL_EXPORTER_PROMETHEUS_PORT=81": 81,
		"OTEL_EXPORTER_PROMETHEUS_HOST=0.0.0.0 OTEL_EXPORTER_PROMETHEUS_PORT=0":  0,
	} {
		loaded, err := config.Load(strings.Fields(environ))
		if err != nil || loaded.Config.Admin.Port != want {
			t.Errorf("%q: %v, port %d, want %d", environ, err, loaded.Config.Admin.Port, want)
		}
	}
}

func TestVariablesThatNothingReadsAreTold(t *testing.T) {
	loaded, err := config.Load([]string{"OTEL_METRICS_EXPORTERS=otlp", "OTEL_SERVICE_NAME=a", "OTEL_PROPAGATORS=b3", "HOME=/", "OTEL_EMPTY=", "TUTORFLOW_ADMIN_TOKKEN=x", "TUTORFLOW_DB=mine", "OTEL_GO_X_OBSERVABILITY=true"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"OTEL_METRICS_EXPORTERS", "OTEL_PROPAGATORS", "TUTORFLOW_ADMIN_TOKKEN"}, loaded.Unread); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := loaded.Warnings(); len(got) != 1 || !strings.Contains(got[0], "OTEL_METRICS_EXPORTERS, OTEL_PROPAGATORS, TUTORFLOW_ADMIN_TOKKEN") {
		t.Errorf("the warnings are %q", got)
	}
}

// TestExamplesOfTheDocumentationAreTaken sets each setting to its example, in the
// file and in each of its variables.
func TestExamplesOfTheDocumentationAreTaken(t *testing.T) {
	for _, r := range config.References() {
		base := []string{"OTEL_SERVICE_NAME=test", "TOKEN=t", "ADMIN_TOKEN=0123456789"}
		switch r.Key { // one without the other is wrong
		case "admin.certificate":
			base = append(base, "TUTORFLOW_ADMIN_KEY=/key")
		case "admin.key":
			base = append(base, "TUTORFLOW_ADMIN_CERTIFICATE=/certificate")
		}
		for _, variable := range r.Variables {
			example := strings.ReplaceAll(strings.ReplaceAll(r.VariableExample, "${TOKEN}", "t"), "${ADMIN_TOKEN}", "0123456789")
			takes(t, r.Key, append(base, variable+"="+example), variable)
		}
		var text strings.Builder
		names := strings.Split(r.Key, ".")
		for depth, name := range names {
			text.WriteString("\n" + strings.Repeat("  ", depth) + name + ":")
		}
		switch {
		case strings.HasSuffix(r.Key, "headers"):
			text.WriteString(" {authorization: \"Bearer ${TOKEN}\"}\n")
		case r.Key == "service.attributes":
			text.WriteString(" {team: booking}\n")
		default:
			text.WriteString(" " + r.Example + "\n")
		}
		takes(t, r.Key, append(base[1:], file(t, text.String())), "telemetry.yaml")
	}
}

func takes(t *testing.T, key string, environ []string, from string) {
	t.Helper()
	loaded, err := config.Load(environ)
	if err != nil {
		t.Errorf("%s: %v", key, err)
		return
	}
	if got := source(loaded, key); !strings.Contains(got, from) {
		t.Errorf("%s: the source is %q, want %s", key, got, from)
	}
	wrong, others := config.Errors(loaded.Validate())
	for _, e := range wrong {
		if e.Key == key {
			t.Error(e)
		}
	}
	if len(others) > 0 {
		t.Error(others)
	}
}
