package config_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/tutorflow/observability/telemetry/config"
)

func TestEffectiveValuesHaveTheirSourcesAndNoSecrets(t *testing.T) {
	loaded, err := config.Load([]string{
		"OTEL_SERVICE_NAME=test", "OTEL_METRICS_EXPORTER=prometheus,otlp", "TUTORFLOW_ADMIN_TOKEN=s3cret-s3cret",
		"OTEL_EXPORTER_OTLP_HEADERS=b=s3cret,a=s3cret", "OTEL_EXPORTER_OTLP_TRACES_HEADERS=c=s3cret",
		"OTEL_EXPORTER_OTLP_ENDPOINT=https://me:s3cret@collector/?key=s3cret", "OTEL_RESOURCE_ATTRIBUTES=a=x%0Ay",
	})
	if err != nil {
		t.Fatal(err)
	}
	loaded.Change(func(c *config.Config) { c.Logs.Access = false })
	for key, want := range map[string]config.Value{
		"metrics.exporters":      {Text: "prometheus,otlp", Source: "OTEL_METRICS_EXPORTER"},
		"metrics.interval":       {Text: "1m", Source: "default"},
		"admin.token":            {Text: "[REDACTED]", Source: "TUTORFLOW_ADMIN_TOKEN"},
		"otlp.headers":           {Text: "a=[REDACTED],b=[REDACTED]", Source: "OTEL_EXPORTER_OTLP_HEADERS"},
		"otlp.traces.headers":    {Text: "c=[REDACTED]", Source: "OTEL_EXPORTER_OTLP_TRACES_HEADERS"},
		"otlp.endpoint":          {Text: "https://[REDACTED]@collector/?[REDACTED]", Source: "OTEL_EXPORTER_OTLP_ENDPOINT"},
		"logs.access":            {Text: "false", Source: "code"},
		"otlp.metrics.endpoint":  {},
		"shutdown.flush_timeout": {Text: "5s", Source: "default"},
	} {
		if want.Source != "" {
			want.Key = key
		}
		if got := value(loaded, key); got != want {
			t.Errorf("%s is %+v, want %+v", key, got, want)
		}
	}
	var table bytes.Buffer
	if err := loaded.WriteText(&table); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\nmetrics.exporters ", "prometheus,otlp ", " OTEL_METRICS_EXPORTER\n", `"a=x\ny"`} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, table.String())
		}
	}
	line := loaded.String()
	if !strings.Contains(line, "metrics.exporters=prometheus,otlp (OTEL_METRICS_EXPORTER), ") || strings.Contains(line, "(default)") {
		t.Errorf("the line is %s", line)
	}
	for _, text := range []string{table.String(), line} {
		if strings.Contains(text, "s3cret") {
			t.Errorf("a secret is shown:\n%s", text)
		}
	}
}

func TestSchemaHasEachSetting(t *testing.T) {
	text, err := config.Schema()
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	for _, r := range config.References() {
		at := schema
		for _, name := range strings.Split(r.Key, ".") {
			properties, _ := at["properties"].(map[string]any)
			at, _ = properties[name].(map[string]any)
		}
		if description, _ := at["description"].(string); !strings.HasPrefix(description, r.About) {
			t.Errorf("%s is described as %q", r.Key, description)
		}
	}
}
