package telemetry_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	logcollector "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	"go.uber.org/zap"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/otlp"
	"github.com/tutorflow/observability/internal/otlpcollector"
	"github.com/tutorflow/observability/telemetry"
)

func TestLogRecordsOfAnyBytesAreDelivered(t *testing.T) {
	// The SDK adds this to the resource, whatever was configured.
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "team=a%ff%feb,region=seoul")
	for _, protocol := range []string{exporters.ProtocolGRPC, exporters.ProtocolHTTP} {
		t.Run(protocol, func(t *testing.T) {
			collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
			c := config()
			c.Logs.Exporters, c.Logs.Batch.Queue = []string{"otlp"}, 4096
			c.OTLP.URL, c.OTLP.Protocol = collector.Base(), protocol
			var out text
			tel, err := telemetry.New(t.Context(), c, telemetry.WithExporters(otlp.New()), telemetry.WithLogWriter(&out))
			if err != nil {
				t.Fatal(err)
			}
			ctx, sent := t.Context(), 0
			for b := range 256 {
				hostile := "a" + string([]byte{byte(b), byte(b)}) + "\xf0\x9f\x98z" // and half a character
				ctx := telemetry.WithUser(ctx, hostile)
				tel.Logger().Named(hostile).Info(hostile, zap.String(hostile, hostile), zap.Strings("list", []string{hostile}),
					zap.Any("map", map[string]string{hostile: hostile}), zap.Binary("bytes", []byte(hostile)), zap.Namespace(hostile), zap.String("k", hostile))
				tel.Event(ctx, hostile, zap.String(hostile, hostile))
				tel.RecordError(ctx, fmt.Errorf("%s", hostile))
				sent += 3
			}
			if err := tel.Shutdown(ctx); err != nil {
				t.Error(err)
			}
			if got := collector.Items(exporters.Logs); got != sent || strings.Contains(out.String(), "telemetry failed") {
				t.Errorf("%d records are delivered of %d: %s", got, sent, out.String())
			}
			for _, export := range collector.Exports(exporters.Logs) {
				for _, resource := range export.Request.(*logcollector.ExportLogsServiceRequest).GetResourceLogs() {
					attributes := fmt.Sprint(resource.GetResource().GetAttributes())
					if !utf8.ValidString(attributes) || !strings.Contains(attributes, "a\uFFFDb") || !strings.Contains(attributes, "seoul") {
						t.Errorf("the resource is %q", attributes)
					}
				}
			}
		})
	}
}
