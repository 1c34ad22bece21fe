package telemetry

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net"
	"os"
	"runtime"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/nethttp"
)

// errorType is an error type that the service registered.
type errorType struct {
	name    string
	targets []error
}

type errorMatcher struct {
	label   catalog.ErrorType
	targets []error
}

func (t *Telemetry) newHTTP(meter *catalog.Meter) (*catalog.HTTP, error) {
	instruments, err := meter.HTTP(t.options.errorTypeNames()...)
	if err != nil {
		return nil, err
	}
	for _, e := range t.options.errorTypes {
		t.errorTypes = append(t.errorTypes, errorMatcher{instruments.ErrorType(e.name), e.targets})
	}
	return instruments, nil
}

// RecordError counts err under its type and the endpoint of the request in
// ctx, marks the span in ctx and writes a line to the log "tutorflow.error". A
// nil error is nothing. The request's status does not count a second error.
//
// The type is one that WithErrorType registered; or "timeout" for a deadline and
// a timeout of the network, "canceled" for context.Canceled, "database" for a
// lost connection or transaction of database/sql and for errors with a method
// SQLState() string, as PostgreSQL drivers have; or "other". The text of the
// error never becomes a label.
func (t *Telemetry) RecordError(ctx context.Context, err error, fields ...zap.Field) {
	if err == nil {
		return
	}
	label := t.classify(err)
	if !nethttp.Fail(ctx, label) {
		t.http.Unmatched().Error(label)
	}
	name := t.http.ErrorTypeName(label)
	trace.SpanFromContext(ctx).SetStatus(codes.Error, name)

	fields = append([]zap.Field{zap.String("error_type", name), zap.String("endpoint", endpointOf(ctx))}, fields...)
	t.events.Error(ctx, err, fields...)
}

// endpointOf names the endpoint as the metrics do.
func endpointOf(ctx context.Context) string {
	if route := nethttp.Route(ctx); route != "" {
		return route
	}
	return catalog.UnmatchedEndpoint
}

// classify asks methods of errors that are not ours, which may panic.
func (t *Telemetry) classify(err error) (label catalog.ErrorType) {
	defer func() {
		if recover() != nil {
			label = catalog.ErrorOther
		}
	}()
	for _, m := range t.errorTypes {
		for _, target := range m.targets {
			if errors.Is(err, target) {
				return m.label
			}
		}
	}
	var named interface{ ErrorType() string }
	var network net.Error
	var state interface{ SQLState() string }
	switch {
	case errors.As(err, &named):
		return t.http.ErrorType(named.ErrorType())
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &network) && network.Timeout():
		return catalog.ErrorTimeout
	case errors.Is(err, context.Canceled):
		return catalog.ErrorCanceled
	case errors.Is(err, sql.ErrConnDone), errors.Is(err, sql.ErrTxDone),
		errors.Is(err, driver.ErrBadConn), errors.As(err, &state):
		return catalog.ErrorDatabase
	}
	return catalog.ErrorOther
}

// panicked reports a handler's panic. Its value is shown only where the
// runtime made it: others may hold anything, secrets included.
func (t *Telemetry) panicked(ctx context.Context, value any, stack []byte) {
	var err error = errPanic
	if fault, ok := value.(runtime.Error); ok {
		err = fault
	}
	trace.SpanFromContext(ctx).SetStatus(codes.Error, t.http.ErrorTypeName(catalog.ErrorPanic))
	t.events.Panic(ctx, err,
		zap.String("error_type", t.http.ErrorTypeName(catalog.ErrorPanic)),
		zap.String("endpoint", endpointOf(ctx)),
		zap.String("panic_type", typeName(value)),
		zap.ByteString("stack", stack))
}
