package export

import (
	"context"
	"slices"

	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/tutorflow/observability/telemetry/zaplog"
)

// LogProcessor batches log records for one exporter.
type LogProcessor struct {
	*queue
}

var _ sdklog.Processor = (*LogProcessor)(nil)

// NewLogs makes the processor in front of exporter, which Shutdown shuts down.
func NewLogs(exporter sdklog.Exporter, limits Limits, report *Report) *LogProcessor {
	q := newQueue("log records", limits, report)
	// All values are given, or the SDK would take those of the environment.
	q.batch = sdklog.NewBatchProcessor(&logExporter{exporter, q, limits.TextSize},
		sdklog.WithMaxQueueSize(limits.QueueSize),
		sdklog.WithExportMaxBatchSize(limits.BatchSize),
		sdklog.WithExportInterval(limits.Delay),
		sdklog.WithExportTimeout(2*limits.Timeout))
	return &LogProcessor{q}
}

// LogResource returns r for the provider of log records, which cannot be repaired
// later, unlike those of spans and metrics: it has all attributes that the SDK
// would add from the environment, with their texts repaired. What it cannot change
// is a key there that is no UTF-8: with one nothing can be encoded.
func LogResource(r *resource.Resource) *resource.Resource {
	merged, err := resource.Merge(resource.Environment(), r)
	if err != nil {
		return repairResource(r) // schemas that contradict each other
	}
	return repairResource(merged)
}

// Enabled reports true.
func (*LogProcessor) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }

// OnEmit takes a copy of record.
func (p *LogProcessor) OnEmit(ctx context.Context, record *sdklog.Record) error {
	if !p.admit() {
		return nil
	}
	return p.batch.(sdklog.Processor).OnEmit(ctx, record)
}

// logExporter is what the SDK's processor exports to. Export returns no error:
// the processor would pass it to the handler of the whole process.
type logExporter struct {
	exporter sdklog.Exporter
	queue    *queue
	longest  int
}

func (e *logExporter) Export(_ context.Context, records []sdklog.Record) error {
	if !e.queue.take(len(records)) {
		return nil
	}
	// The name of the logger cannot be changed any more, so a record is lost where
	// it is no UTF-8, and only that one.
	fit := slices.DeleteFunc(slices.Clone(records), func(r sdklog.Record) bool { return !validScope(r.InstrumentationScope()) })
	e.queue.drop(invalidText, len(records)-len(fit))
	if len(fit) == 0 {
		return nil
	}
	// A provider has one resource.
	base := sizeOfResource(fit[0].Resource())
	tooLarge := inParts(fit, base, func(r *sdklog.Record) int { return repairRecord(r, e.longest) }, func(part []sdklog.Record) {
		e.queue.export(len(part), func(ctx context.Context) error {
			// What the exporter logs of it with this context is not exported again.
			return e.exporter.Export(zaplog.WithoutTee(ctx), part)
		})
	})
	e.queue.lose(len(tooLarge))
	return nil
}

func (e *logExporter) ForceFlush(ctx context.Context) error {
	ctx, cancel := e.queue.bound(ctx)
	defer cancel()
	return bounded(ctx, grace, e.exporter.ForceFlush)
}

func (e *logExporter) Shutdown(ctx context.Context) error {
	return e.queue.close(ctx, e.exporter.Shutdown)
}
