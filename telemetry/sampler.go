package telemetry

import (
	"sync/atomic"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/tutorflow/observability/telemetry/config"
	"github.com/tutorflow/observability/telemetry/nethttp"
)

// sampler returns the sampler that c names, until ended; Validate has checked
// the name.
func sampler(c config.Traces, ended *atomic.Bool) sdktrace.Sampler {
	return untilEnd{withoutProbes{named(c)}, ended}
}

func named(c config.Traces) sdktrace.Sampler {
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

// withoutProbes leaves out the spans of probes and scrapes, and those below them:
// they would be most of the traces of a quiet service.
type withoutProbes struct{ sdktrace.Sampler }

func (s withoutProbes) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	parent := trace.SpanContextFromContext(p.ParentContext)
	if below := parent.IsValid() && !parent.IsRemote(); below && !parent.IsSampled() || !below && probe(p) {
		return sdktrace.SamplingResult{Decision: sdktrace.Drop, Tracestate: parent.TraceState()}
	}
	return s.Sampler.ShouldSample(p)
}

// untilEnd has a tracer that outlives its provider record nothing: the SDK would
// make spans that nobody gets, and tell those whom the service calls that they
// are sampled.
type untilEnd struct {
	sdktrace.Sampler
	ended *atomic.Bool
}

func (s untilEnd) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	if s.ended.Load() {
		return sdktrace.SamplingResult{Decision: sdktrace.Drop, Tracestate: trace.SpanContextFromContext(p.ParentContext).TraceState()}
	}
	return s.Sampler.ShouldSample(p)
}

// probe reports whether a span is that of a request of a probe or a scraper.
func probe(p sdktrace.SamplingParameters) bool {
	if p.Kind != trace.SpanKindServer {
		return false
	}
	for _, attribute := range p.Attributes {
		if attribute.Key == "url.path" {
			return nethttp.Quiet(attribute.Value.AsString())
		}
	}
	return false
}
