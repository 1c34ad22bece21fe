package store

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"github.com/XSAM/otelsql"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/trace"
	nooptrace "go.opentelemetry.io/otel/trace/noop"
)

// openPool makes a pool of what connector connects to. A span shows the text of
// its statement, which holds no values: they are all parameters, and those are
// not shown.
func openPool(connector driver.Connector, d dialect, tracers trace.TracerProvider) *sql.DB {
	if _, none := tracers.(nooptrace.TracerProvider); none || tracers == nil {
		return sql.OpenDB(connector)
	}
	return otelsql.OpenDB(connector,
		otelsql.WithTracerProvider(tracers),
		// Without this otelsql records to the global provider.
		otelsql.WithMeterProvider(noop.NewMeterProvider()),
		otelsql.WithAttributes(d.system),
		otelsql.WithSpanOptions(otelsql.SpanOptions{
			OmitConnResetSession: true, // each use of a pooled connection begins with one
			OmitRows:             true, // a page of rows is there when its query returns
			SpanFilter:           within,
		}))
}

// within keeps what health checks, migrations and the pool itself do out of the
// traces: only a span that is recorded gets children.
func within(ctx context.Context, _ otelsql.Method, _ string, _ []driver.NamedValue) bool {
	return trace.SpanFromContext(ctx).IsRecording()
}
