package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/telemetry/config"
	"github.com/tutorflow/observability/telemetry/internal/export"
)

// tracing reports whether spans are exported.
func (t *Telemetry) tracing() bool {
	return !t.config.Disabled && len(t.config.Traces.Exporters) > 0 && t.config.Traces.Exporters[0] != exporters.None
}

// openTraces makes the tracer provider with a processor for each exporter. An
// exporter that cannot be opened costs only itself.
func (t *Telemetry) openTraces(ctx context.Context, factories []exporters.Factory) {
	t.tracerProvider = noop.NewTracerProvider()
	if !t.tracing() {
		// Without spans of our own, the ids in a request are somebody else's, and
		// would stand in our log lines as if they were ours.
		t.propagator = propagation.NewCompositeTextMapPropagator()
		return
	}
	t.propagator = propagation.TraceContext{}
	options := []sdktrace.TracerProviderOption{
		sdktrace.WithResource(t.resource()),
		sdktrace.WithSampler(sampler(t.config.Traces, &t.ended)),
		sdktrace.WithRawSpanLimits(spanLimits(t.config.Traces.Limits)),
	}
	var stops []func(context.Context) error
	for _, factory := range factories {
		report := export.NewReport(factory.Name, exporters.Traces, t.errors.Handle)
		report.Count(t.meter, t.self)
		exporter, err := open(ctx, factory.Traces, t.settings(exporters.Traces, report))
		if err == nil && exporter == nil {
			err = errNothing
		}
		if err != nil {
			report.Exported(opening(factory, exporters.Traces, err))
			continue
		}
		processor := export.NewSpans(exporter, limits(t.config.Traces.Batch, t.config.Traces.Limits.AttributeBytes), report)
		t.aborts = append(t.aborts, processor.Abort)
		stops = append(stops, processor.Shutdown)
		options = append(options, sdktrace.WithSpanProcessor(processor))
	}
	provider := sdktrace.NewTracerProvider(options...)
	t.tracerProvider = provider
	// The processors end side by side; the provider alone would let one that hangs
	// take the time of the others. It then finds them ended.
	t.onShutdown("traces", func(ctx context.Context) error {
		err := together(ctx, stops...)
		_ = provider.Shutdown(ctx)
		return err
	})
}

// spanLimits bound the memory of a span: a request chooses its User-Agent. The
// SDK cuts only the attributes of the span itself; the processor cuts its other
// texts, those of its events and links included.
func spanLimits(c config.SpanLimits) sdktrace.SpanLimits {
	return sdktrace.SpanLimits{
		AttributeValueLengthLimit: c.AttributeBytes, AttributeCountLimit: c.Attributes,
		EventCountLimit: c.Events, AttributePerEventCountLimit: c.Attributes,
		LinkCountLimit: c.Links, AttributePerLinkCountLimit: c.Attributes,
	}
}
