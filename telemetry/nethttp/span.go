package nethttp

import (
	"context"
	"net/http"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// otelhttp starts and ends the span of a request, but the recorder says on it
// what the answer was: otelhttp sees no hijack, no client that left, no panic,
// and nothing of what goes through io.ReaderFrom.

// tracerProvider gives otelhttp spans that it cannot describe the answer on.
type tracerProvider struct{ trace.TracerProvider }

func (p tracerProvider) Tracer(name string, options ...trace.TracerOption) trace.Tracer {
	return tracer{p.TracerProvider.Tracer(name, options...)}
}

type tracer struct{ trace.Tracer }

// Start returns the span as it is in the context, for the handler.
func (t tracer) Start(ctx context.Context, name string, options ...trace.SpanStartOption) (context.Context, trace.Span) {
	ctx, span := t.Tracer.Start(ctx, name, options...)
	if !span.IsRecording() {
		return ctx, span
	}
	return ctx, answeredSpan{span}
}

const (
	routeKey        = attribute.Key("http.route")
	statusKey       = attribute.Key("http.response.status_code")
	responseSizeKey = attribute.Key("http.response.body.size")
	errorTypeKey    = attribute.Key("error.type")
)

// answeredSpan is a span whose answer is described by the recorder.
type answeredSpan struct{ trace.Span }

func (answeredSpan) SetName(string)               {}
func (answeredSpan) SetStatus(codes.Code, string) {}

func (s answeredSpan) SetAttributes(attributes ...attribute.KeyValue) {
	for _, a := range attributes {
		if a.Key != statusKey && a.Key != responseSizeKey {
			s.Span.SetAttributes(a)
		}
	}
}

// End is called by otelhttp in a defer. That the span's own End is not the
// deferred function keeps it from finding a panic that goes on, whose value may
// be a secret.
func (s answeredSpan) End(options ...trace.SpanEndOption) { s.Span.End(options...) }

// describe says on the span in q what the answer was. The status of a span has
// one description, the last: failure stays the one of a request that failed.
func describe(q *request, endpoint *catalog.Endpoint, status int, panicked bool, failure string) {
	span := trace.SpanFromContext(q.Context)
	if !span.IsRecording() {
		return
	}
	name := q.method.String()
	if q.method.Other() {
		name = "HTTP"
	}
	attributes := make([]attribute.KeyValue, 0, 4)
	if route := endpoint.Template(); route != catalog.UnmatchedEndpoint {
		attributes = append(attributes, routeKey.String(route))
		name += " " + route
	}
	span.SetName(name)
	attributes = append(attributes, statusKey.Int(status))
	if n := q.writer.written; n > 0 && q.method.String() != http.MethodHead {
		attributes = append(attributes, responseSizeKey.Int64(n))
	}
	if status >= http.StatusInternalServerError {
		kind := strconv.Itoa(status)
		if panicked {
			kind = "panic"
		}
		attributes = append(attributes, errorTypeKey.String(kind))
		span.SetStatus(codes.Error, failure)
	}
	span.SetAttributes(attributes...)
}
