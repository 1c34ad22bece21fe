package telemetry

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/telemetry/config"
)

// maxAttributeBytes bounds each text in a span: without a bound six requests
// with a long User-Agent cost a whole batch.
const maxAttributeBytes = 256

// tracing reports whether spans are exported.
func (t *Telemetry) tracing() bool {
	return !t.config.Disabled && len(t.config.Traces.Exporters) > 0 && t.config.Traces.Exporters[0] != exporters.None
}

func (t *Telemetry) openTraces(ctx context.Context, factories []exporters.Factory) error {
	t.tracerProvider = noop.NewTracerProvider()
	if !t.tracing() {
		// Without spans of our own, the ids in a request are somebody else's, and
		// would stand in our log lines as if they were ours.
		t.propagator = propagation.NewCompositeTextMapPropagator()
		return nil
	}
	t.propagator = propagation.TraceContext{}
	limits := sdktrace.NewSpanLimits()
	limits.AttributeValueLengthLimit = maxAttributeBytes
	options := []sdktrace.TracerProviderOption{
		sdktrace.WithResource(t.resource()),
		sdktrace.WithSampler(sampler(t.config.Traces)),
		sdktrace.WithRawSpanLimits(limits),
	}
	// A batch processor has a goroutine from the start, so none is made before
	// every exporter is open.
	var opened []sdktrace.SpanExporter
	for _, factory := range factories {
		exporter, err := factory.Traces(ctx, exporters.Settings{Failed: t.errors.Handle})
		if err == nil && exporter == nil {
			err = errors.New("the factory returned no exporter")
		}
		if err != nil {
			for i, e := range opened {
				t.onShutdown(factories[i].Name+" exporter", e.Shutdown)
			}
			return fmt.Errorf("open %s exporter for traces: %w", factory.Name, err)
		}
		opened = append(opened, &countedSpans{exporter,
			t.self.Exports(factory.Name, string(exporters.Traces)),
			t.self.Dropped(factory.Name, string(exporters.Traces), "export_failed")})
	}
	for _, exporter := range opened {
		// The sizes are given, since the SDK would take those of the environment
		// unchecked, and ends the process over a negative one.
		options = append(options, sdktrace.WithBatcher(exporter,
			sdktrace.WithMaxQueueSize(sdktrace.DefaultMaxQueueSize),
			sdktrace.WithMaxExportBatchSize(sdktrace.DefaultMaxExportBatchSize)))
	}
	provider := sdktrace.NewTracerProvider(options...)
	t.tracerProvider = provider
	t.onShutdown("traces", provider.Shutdown)
	return nil
}

// sampler returns the sampler that c names; Validate has checked the name.
func sampler(c config.Traces) sdktrace.Sampler {
	switch c.Sampler {
	case "always_on":
		return sdktrace.AlwaysSample()
	case "always_off":
		return sdktrace.NeverSample()
	case "traceidratio":
		return sdktrace.TraceIDRatioBased(c.Ratio)
	case "parentbased_always_off":
		return sdktrace.ParentBased(sdktrace.NeverSample())
	case "parentbased_traceidratio":
		return sdktrace.ParentBased(sdktrace.TraceIDRatioBased(c.Ratio))
	}
	return sdktrace.ParentBased(sdktrace.AlwaysSample())
}

// countedSpans counts the exports of an exporter, and the spans of those that
// failed.
type countedSpans struct {
	sdktrace.SpanExporter
	done func(ok bool)
	lost func(n int)
}

func (c *countedSpans) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := c.SpanExporter.ExportSpans(ctx, spans)
	c.done(err == nil)
	if err != nil {
		c.lost(len(spans))
	}
	return err
}
