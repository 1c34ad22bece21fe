package telemetry

import (
	"context"

	sdklog "go.opentelemetry.io/otel/sdk/log"

	"github.com/tutorflow/observability/exporters"
)

// OpenLogs is openLogs, and the provider that there is after it.
func (t *Telemetry) OpenLogs(ctx context.Context, factories ...exporters.Factory) *sdklog.LoggerProvider {
	t.openLogs(ctx, factories)
	return t.loggerProvider
}
