package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/telemetry/config"
)

func TestWrongSettingCostsThePartThatItBelongsTo(t *testing.T) {
	everything := []string{"OTEL_METRICS_EXPORTER=prometheus,otlp", "OTEL_TRACES_EXPORTER=otlp", "OTEL_LOGS_EXPORTER=otlp", "OTEL_EXPORTER_PROMETHEUS_PORT=9464"}
	type parts struct {
		Metrics, Traces, Logs string
		Admin                 int
	}
	for name, test := range map[string]struct {
		environ string
		want    parts
		told    string
	}{
		"nothing is wrong":              {"", parts{"prometheus,otlp", "otlp", "otlp", 9464}, ""},
		"the interval of metrics":       {"OTEL_METRIC_EXPORT_INTERVAL=x", parts{"prometheus", "otlp", "otlp", 9464}, "metrics do not go to otlp"},
		"the sampler":                   {"OTEL_TRACES_SAMPLER=x", parts{"prometheus,otlp", "none", "otlp", 9464}, "traces are off"},
		"the queue of log lines":        {"OTEL_BLRP_MAX_QUEUE_SIZE=-1", parts{"prometheus,otlp", "otlp", "none", 9464}, "logs are off"},
		"the level of log lines":        {"OTEL_LOG_LEVEL=x", parts{"prometheus,otlp", "otlp", "otlp", 9464}, "the default holds"},
		"the endpoint of all signals":   {"OTEL_EXPORTER_OTLP_ENDPOINT=x", parts{"prometheus", "none", "none", 9464}, "metrics do not go to otlp, traces do not go to otlp, logs do not go to otlp"},
		"the endpoint of one signal":    {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=x", parts{"prometheus", "otlp", "otlp", 9464}, "metrics do not go to otlp"},
		"the token of the admin":        {"TUTORFLOW_ADMIN_TOKEN=short", parts{"prometheus,otlp", "otlp", "otlp", 0}, "there is no admin listener"},
		"the delay of the drain":        {"TUTORFLOW_DRAIN_DELAY=5", parts{"prometheus,otlp", "otlp", "otlp", 9464}, "the default holds"},
		"a batch larger than its queue": {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE=4000", parts{"prometheus,otlp", "none", "otlp", 9464}, "traces are off"},
		"the name of the service":       {"OTEL_SERVICE_NAME=\x01", parts{"prometheus,otlp", "otlp", "otlp", 9464}, "the service is called unknown_service"},
		"the kill switch":               {"OTEL_SDK_DISABLED=1", parts{"prometheus,otlp", "otlp", "otlp", 9464}, "telemetry is off"},
	} {
		t.Run(name, func(t *testing.T) {
			environ := append([]string{"OTEL_SERVICE_NAME=test"}, everything...)
			loaded, err := config.Load(append(environ, test.environ))
			done, rest := loaded.Relax(errors.Join(err, loaded.Validate()))
			if rest != nil {
				t.Errorf("what remains is %v", rest)
			}
			c := loaded.Config
			got := parts{strings.Join(c.Metrics.Exporters, ","), strings.Join(c.Traces.Exporters, ","), strings.Join(c.Logs.Exporters, ","), c.Admin.Port}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			told := ""
			for _, note := range done {
				told = note.Consequence
			}
			if told != test.told {
				t.Errorf("what was done is %q, want %q", told, test.told)
			}
			if err := loaded.Validate(); err != nil {
				t.Errorf("it is still wrong: %v", err)
			}
		})
	}
}

func TestWhatIsNotAboutASettingRemains(t *testing.T) {
	loaded, err := config.Load([]string{"OTEL_SERVICE_NAME=a", "OTEL_LOG_LEVEL=x", config.FileVariable + "=/nonexistent"})
	done, rest := loaded.Relax(errors.Join(err, loaded.Validate()))
	if len(done) != 1 || rest == nil || !strings.HasPrefix(rest.Error(), "read configuration: read /nonexistent") {
		t.Errorf("done %v, rest %v", done, rest)
	}
}
