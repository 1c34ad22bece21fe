package nethttp

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/trace"
	noopspan "go.opentelemetry.io/otel/trace/noop"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// Call is how one call to an external service ended. Err is nil where the
// service answered, whatever it answered.
type Call struct {
	Service, Operation string
	Status             catalog.CallStatus
	HTTPStatus         int // 0 where there was no HTTP response
	Duration           time.Duration
	Err                error
}

// Recorder records calls to external services. Only Services is required: Done
// is called after each call, and Tracer makes a span for each Run.
type Recorder struct {
	Services *catalog.ExternalServices
	Tracer   trace.Tracer
	Done     func(context.Context, Call)
}

type (
	operationKey struct{}
	callKey      struct{}
)

// WithOperation names the operation of the calls made with the returned
// context, for Transport.
func WithOperation(ctx context.Context, operation string) context.Context {
	return context.WithValue(ctx, operationKey{}, operation)
}

// Run calls f as one call to operation of service and returns its error. A
// panic of f is recorded as an error and goes on.
func (c Recorder) Run(ctx context.Context, service, operation string, f func(context.Context) error) (err error) {
	start := time.Now()
	span := trace.Span(noopspan.Span{})
	if c.Tracer != nil {
		ctx, span = c.Tracer.Start(ctx, spanName(service, operation), trace.WithSpanKind(trace.SpanKindClient))
		defer span.End()
	}
	returned := false
	defer func() {
		status := callStatus(ctx, err)
		if !returned {
			status = catalog.CallError
		}
		if status != catalog.CallSuccess {
			span.SetStatus(codes.Error, status.String())
		}
		c.record(ctx, Call{Service: service, Operation: operation, Status: status, Duration: time.Since(start), Err: err})
	}()
	err = f(context.WithValue(WithOperation(ctx, operation), callKey{}, service))
	returned = true
	return err
}

// spanName bounds the names: they are the program's, but nothing holds it to
// few and short ones.
func spanName(service, operation string) string {
	return strings.TrimSpace(catalog.LabelValue(service) + " " + catalog.LabelValue(operation))
}

func (c Recorder) record(ctx context.Context, call Call) {
	c.Services.Record(ctx, call.Service, call.Operation, call.Status, call.Duration)
	if c.Done != nil {
		c.Done(ctx, call)
	}
}

// callStatus sorts an error by whose fault it is: a deadline is the service's,
// a cancellation our own caller's. The cause that somebody gave for the end of
// ctx, which net/http returns as it is, counts as that end.
func callStatus(ctx context.Context, err error) catalog.CallStatus {
	if cause := context.Cause(ctx); err != nil && cause != nil && errors.Is(err, cause) {
		err = ctx.Err()
	}
	var network net.Error
	switch {
	case err == nil:
		return catalog.CallSuccess
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &network) && network.Timeout():
		return catalog.CallTimeout
	case errors.Is(err, context.Canceled):
		return catalog.CallCanceled
	}
	return catalog.CallError
}

// Transport returns base, or http.DefaultTransport if base is nil, observed as
// calls to service: each round trip is counted and timed up to the response
// header under the operation that WithOperation named. A response of 400 or
// more is an error, as the OpenTelemetry conventions have it for clients. With
// standard given, round trips get a client span and carry its context.
//
// Inside Run for the same service only the span is added.
func (c Recorder) Transport(service string, base http.RoundTripper, standard *Standard) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	// otelhttp's transport does not pass CloseIdleConnections on.
	idle, _ := base.(idleCloser)
	if standard != nil {
		base = otelhttp.NewTransport(base,
			otelhttp.WithTracerProvider(standard.TracerProvider),
			otelhttp.WithPropagators(standard.Propagator),
			otelhttp.WithMeterProvider(noop.NewMeterProvider()),
			otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string {
				operation, _ := r.Context().Value(operationKey{}).(string)
				return spanName(service, operation)
			}))
	}
	return &transport{recorder: c, service: service, base: base, idle: idle}
}

type idleCloser interface{ CloseIdleConnections() }

type transport struct {
	recorder Recorder
	service  string
	base     http.RoundTripper
	idle     idleCloser
}

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	if inside, _ := ctx.Value(callKey{}).(string); inside == t.service {
		return t.base.RoundTrip(r)
	}
	operation, _ := ctx.Value(operationKey{}).(string)
	start := time.Now()
	response, err := t.base.RoundTrip(r)
	call := Call{Service: t.service, Operation: operation, Status: callStatus(ctx, err), Duration: time.Since(start), Err: err}
	if err == nil && response != nil {
		call.HTTPStatus = response.StatusCode
		if call.HTTPStatus >= http.StatusBadRequest {
			call.Status = catalog.CallError
		}
	}
	t.recorder.record(ctx, call)
	return response, err
}

// CloseIdleConnections lets http.Client.CloseIdleConnections reach the base.
func (t *transport) CloseIdleConnections() {
	if t.idle != nil {
		t.idle.CloseIdleConnections()
	}
}
