package telemetry

import (
	"context"

	"go.opentelemetry.io/contrib/bridges/otelzap"
	sdklog "go.opentelemetry.io/otel/sdk/log"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/telemetry/internal/export"
)

// The limits of a log record: a line holds no longer text, and no sane one more
// fields.
const (
	maxRecordText       = 8192
	maxRecordAttributes = 512
)

// openLogs sends log lines to each exporter, besides stdout and as they are
// there; without exporters nothing is made. An exporter that cannot be opened
// costs only itself.
func (t *Telemetry) openLogs(ctx context.Context, factories []exporters.Factory) {
	if t.config.Disabled || len(factories) == 0 {
		return
	}
	options := []sdklog.LoggerProviderOption{
		sdklog.WithResource(export.LogResource(t.resource())),
		sdklog.WithAttributeValueLengthLimit(maxRecordText),
		sdklog.WithAttributeCountLimit(maxRecordAttributes),
	}
	var stops []func(context.Context) error
	for _, factory := range factories {
		report := export.NewReport(factory.Name, exporters.Logs, t.errors.Handle)
		report.Count(t.meter, t.self)
		exporter, err := open(ctx, factory.Logs, t.settings(exporters.Logs, report))
		if err == nil && exporter == nil {
			err = errNothing
		}
		if err != nil {
			report.Exported(opening(factory, exporters.Logs, err))
			continue
		}
		processor := export.NewLogs(exporter, limits(t.config.Logs.Batch, maxRecordText), report)
		t.aborts = append(t.aborts, processor.Abort)
		stops = append(stops, processor.Shutdown)
		options = append(options, sdklog.WithProcessor(processor))
	}
	provider := sdklog.NewLoggerProvider(options...)
	undo := t.log.Tee(otelzap.NewCore(scopeName, otelzap.WithLoggerProvider(provider)))
	t.onShutdown("logs", func(ctx context.Context) error {
		undo() // what is logged from here on is on stdout alone
		err := together(ctx, stops...)
		_ = provider.Shutdown(ctx) // finds the processors ended
		return err
	})
}
