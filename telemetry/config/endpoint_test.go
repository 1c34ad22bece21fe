package config_test

import (
	"strings"
	"testing"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/telemetry/config"
)

func TestEndpointOfASignal(t *testing.T) {
	const all, traces = "OTEL_EXPORTER_OTLP_", "OTEL_EXPORTER_OTLP_TRACES_"
	for name, test := range map[string]struct {
		environ string
		want    string
	}{
		"by default over HTTP":                   {"", "http/protobuf http://localhost:4318/v1/traces"},
		"by default over gRPC":                   {all + "PROTOCOL=grpc", "grpc http://localhost:4317"},
		"of all signals over HTTP":               {all + "ENDPOINT=https://collector/otlp", "http/protobuf https://collector/otlp/v1/traces"},
		"of all signals with a slash":            {all + "ENDPOINT=http://collector:4318/", "http/protobuf http://collector:4318/v1/traces"},
		"of all signals over gRPC":               {all + "PROTOCOL=grpc " + all + "ENDPOINT=http://collector:4317", "grpc http://collector:4317"},
		"of its own, used as it is":              {all + "ENDPOINT=http://a " + traces + "ENDPOINT=https://b/x", "http/protobuf https://b/x"},
		"of its own protocol":                    {all + "PROTOCOL=grpc " + traces + "PROTOCOL=http/protobuf", "http/protobuf http://localhost:4318/v1/traces"},
		"a socket over HTTP":                     {all + "ENDPOINT=unix:/run/otel.sock", "http/protobuf unix:/run/otel.sock"},
		"a socket over gRPC":                     {all + "PROTOCOL=grpc " + all + "ENDPOINT=unix:///run/otel.sock", "grpc unix:///run/otel.sock"},
		"that of another signal changes nothing": {"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=http://x", "http/protobuf http://localhost:4318/v1/traces"},
	} {
		t.Run(name, func(t *testing.T) {
			environ := append(strings.Fields(test.environ), "OTEL_SERVICE_NAME=test")
			loaded, err := config.Load(environ)
			if err != nil {
				t.Fatal(err)
			}
			if err := loaded.Validate(); err != nil {
				t.Fatal(err)
			}
			to := loaded.Config.OTLP.For(exporters.Traces)
			if got := to.Protocol + " " + to.Endpoint; got != test.want {
				t.Errorf("it is %s, want %s", got, test.want)
			}
		})
	}
}

func TestSettingsOfASignalReplaceThoseOfAll(t *testing.T) {
	loaded, err := config.Load([]string{
		"OTEL_EXPORTER_OTLP_HEADERS=a=1,b=2", "OTEL_EXPORTER_OTLP_LOGS_HEADERS=c=3", "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT=2000",
		"OTEL_EXPORTER_OTLP_COMPRESSION=gzip", "OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE=/ca", "OTEL_EXPORTER_OTLP_CERTIFICATE=/other",
	})
	if err != nil {
		t.Fatal(err)
	}
	logs, metrics := loaded.Config.OTLP.For(exporters.Logs), loaded.Config.OTLP.For(exporters.Metrics)
	if len(logs.Headers) != 1 || logs.Headers["c"] != "3" || logs.Timeout.Seconds() != 2 || logs.Compression != "gzip" || logs.Certificate != "/ca" {
		t.Errorf("logs: %+v", logs)
	}
	if len(metrics.Headers) != 2 || metrics.Timeout.Seconds() != 10 || metrics.Certificate != "/other" || metrics.Temporality != "cumulative" {
		t.Errorf("metrics: %+v", metrics)
	}
}
