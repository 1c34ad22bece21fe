package export

import (
	"context"
	"slices"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// SpanProcessor batches spans for one exporter.
type SpanProcessor struct {
	*queue
}

var _ sdktrace.SpanProcessor = (*SpanProcessor)(nil)

// NewSpans makes the processor in front of exporter, which Shutdown shuts down.
func NewSpans(exporter sdktrace.SpanExporter, limits Limits, report *Report) *SpanProcessor {
	q := newQueue("spans", limits, report)
	// All values are given, since the SDK would take those of the environment
	// unchecked, and ends the process over a negative one. One place more is for
	// the mark with which ForceFlush goes through the queue.
	q.batch = sdktrace.NewBatchSpanProcessor(&spanExporter{exporter, q, spanRepair{longest: limits.TextSize}},
		sdktrace.WithMaxQueueSize(limits.QueueSize+1),
		sdktrace.WithMaxExportBatchSize(limits.BatchSize),
		sdktrace.WithBatchTimeout(limits.Delay),
		sdktrace.WithExportTimeout(2*limits.Timeout))
	return &SpanProcessor{q}
}

// OnStart does nothing.
func (*SpanProcessor) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

// OnEnd takes a span that has ended, if it is sampled.
func (p *SpanProcessor) OnEnd(span sdktrace.ReadOnlySpan) {
	if span.SpanContext().IsSampled() && p.admit() {
		p.batch.(sdktrace.SpanProcessor).OnEnd(span)
	}
}

// spanExporter is what the SDK's processor exports to. It returns no error: the
// processor would pass it to the handler of the whole process.
type spanExporter struct {
	exporter sdktrace.SpanExporter
	queue    *queue
	repair   spanRepair
}

func (e *spanExporter) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	if len(spans) == 0 || !e.queue.take(len(spans)) {
		return nil
	}
	// A provider has one resource.
	base := sizeOfResource(e.repair.resource(spans[0]))
	tooLarge := inParts(slices.Clone(spans), base, func(s *sdktrace.ReadOnlySpan) (size int) {
		*s, size = e.repair.span(*s)
		return size
	}, func(part []sdktrace.ReadOnlySpan) {
		e.queue.export(len(part), func(ctx context.Context) error { return e.exporter.ExportSpans(ctx, part) })
	})
	e.queue.lose(len(tooLarge))
	return nil
}

func (e *spanExporter) Shutdown(ctx context.Context) error {
	return e.queue.close(ctx, e.exporter.Shutdown)
}
