package telemetry

import (
	"context"
	"fmt"

	sdklog "go.opentelemetry.io/otel/sdk/log"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/telemetry/internal/export"
)

// The limits of a log record: a line holds no longer text, and no sane one more
// fields.
const (
	maxRecordText       = 8192
	maxRecordAttributes = 128
)

// openLogs makes the logger provider with a processor for each exporter; without
// exporters there is none. An exporter that cannot be opened costs only itself.
func (t *Telemetry) openLogs(ctx context.Context, factories []exporters.Factory) {
	if t.config.Disabled || len(factories) == 0 {
		return
	}
	options := []sdklog.LoggerProviderOption{
		sdklog.WithResource(t.resource()),
		sdklog.WithAttributeValueLengthLimit(maxRecordText),
		sdklog.WithAttributeCountLimit(maxRecordAttributes),
	}
	var stops []func(context.Context) error
	for _, factory := range factories {
		report := export.NewReport(factory.Name, exporters.Logs, t.errors.Handle)
		report.Count(t.meter, t.self)
		exporter, err := open(ctx, factory.Logs, exporters.Settings{Rejected: report.Rejected, Failed: t.errors.Handle})
		if err == nil && exporter == nil {
			err = errNothing
		}
		if err != nil {
			report.Exported(fmt.Errorf("open %s exporter for logs: %w", factory.Name, err))
			continue
		}
		processor := export.NewLogs(exporter, exportLimits(), report)
		t.aborts = append(t.aborts, processor.Abort)
		stops = append(stops, processor.Shutdown)
		options = append(options, sdklog.WithProcessor(processor))
	}
	provider := sdklog.NewLoggerProvider(options...)
	t.loggerProvider = provider
	t.onShutdown("logs", func(ctx context.Context) error {
		err := together(ctx, stops...)
		_ = provider.Shutdown(ctx) // finds the processors ended
		return err
	})
}
