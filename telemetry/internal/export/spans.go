package export

import (
	"context"
	"slices"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// SpanProcessor batches spans for one exporter.
type SpanProcessor struct {
	*queue
	repair spanRepair
}

var _ sdktrace.SpanProcessor = (*SpanProcessor)(nil)

// NewSpans makes the processor in front of exporter, which Shutdown shuts down.
func NewSpans(exporter sdktrace.SpanExporter, limits Limits, report *Report) *SpanProcessor {
	q := newQueue("spans", limits, report)
	// All values are given, since the SDK would take those of the environment
	// unchecked, and ends the process over a negative one. One place more is for
	// the mark with which ForceFlush goes through the queue.
	q.batch = sdktrace.NewBatchSpanProcessor(&spanExporter{exporter, q},
		sdktrace.WithMaxQueueSize(limits.QueueSize+1),
		sdktrace.WithMaxExportBatchSize(limits.BatchSize),
		sdktrace.WithBatchTimeout(limits.Delay),
		sdktrace.WithExportTimeout(2*limits.Timeout))
	return &SpanProcessor{queue: q, repair: spanRepair{longest: limits.TextSize}}
}

// OnStart does nothing.
func (*SpanProcessor) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

// OnEnd takes a span that has ended, if it is sampled.
func (p *SpanProcessor) OnEnd(span sdktrace.ReadOnlySpan) {
	if span.SpanContext().IsSampled() && p.admit() {
		p.batch.(sdktrace.SpanProcessor).OnEnd(p.repair.span(span))
	}
}

// spanExporter is what the SDK's processor exports to. It returns no error: the
// processor would pass it to the handler of the whole process.
type spanExporter struct {
	exporter sdktrace.SpanExporter
	queue    *queue
}

func (e *spanExporter) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	if len(spans) == 0 || !e.queue.take(len(spans)) {
		return nil
	}
	// A provider has one resource.
	base := sizeOfResource(spans[0].Resource())
	tooLarge := inParts(slices.Clone(spans), base, func(s *sdktrace.ReadOnlySpan) int { return (*s).(*soundSpan).size }, func(part []sdktrace.ReadOnlySpan) {
		e.queue.export(len(part), func(ctx context.Context) error { return e.exporter.ExportSpans(ctx, part) })
	})
	e.queue.lose(len(tooLarge))
	return nil
}

func (e *spanExporter) Shutdown(ctx context.Context) error {
	return e.queue.close(ctx, e.exporter.Shutdown)
}
