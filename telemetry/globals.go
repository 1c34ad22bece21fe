package telemetry

import (
	"io"
	"log"
	"log/slog"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
)

// globals is what code reaches that knows of no Telemetry.
type globals struct {
	owner          *Telemetry // nil if it was no Telemetry that set them
	meterProvider  metric.MeterProvider
	tracerProvider trace.TracerProvider
	propagator     propagation.TextMapPropagator
	errorHandler   otel.ErrorHandler
	zap            *zap.Logger
	slog           *slog.Logger
	log            io.Writer
	flags          int
}

// ownedHandler is the handler of slog.Default while the globals are owner's.
type ownedHandler struct {
	slog.Handler
	owner *Telemetry
}

func currentGlobals() *globals {
	g := &globals{
		meterProvider: otel.GetMeterProvider(), tracerProvider: otel.GetTracerProvider(),
		propagator: otel.GetTextMapPropagator(), errorHandler: otel.GetErrorHandler(),
		zap: zap.L(), slog: slog.Default(), log: log.Writer(), flags: log.Flags(),
	}
	if owned, ok := g.slog.Handler().(ownedHandler); ok {
		g.owner = owned.owner
	}
	return g
}

func (g *globals) set() {
	otel.SetMeterProvider(g.meterProvider)
	otel.SetTracerProvider(g.tracerProvider)
	otel.SetTextMapPropagator(g.propagator)
	otel.SetErrorHandler(g.errorHandler)
	zap.ReplaceGlobals(g.zap)
	// slog.SetDefault also takes over the output of package log, and does not
	// give it back.
	slog.SetDefault(g.slog)
	log.SetOutput(g.log)
	log.SetFlags(g.flags)
}

// setGlobals makes t the owner of the globals. While telemetry is disabled,
// OpenTelemetry's are left as they are.
func (t *Telemetry) setGlobals() {
	t.before = currentGlobals()
	if !t.config.Disabled {
		otel.SetMeterProvider(t.meterProvider)
		otel.SetTracerProvider(t.tracerProvider)
		otel.SetTextMapPropagator(t.propagator)
		otel.SetErrorHandler(otel.ErrorHandlerFunc(t.errors.Handle))
	}
	zap.ReplaceGlobals(t.Logger())
	slog.SetDefault(slog.New(ownedHandler{t.SlogHandler(), t}))
}

// restoreGlobals puts back what was there before t, unless somebody else owns
// the globals by now. What a pipeline left behind that has ended itself is
// passed over.
func (t *Telemetry) restoreGlobals() {
	t.ended.Store(true)
	if t.before == nil || currentGlobals().owner != t {
		return
	}
	before := t.before
	for before.owner != nil && before.owner.ended.Load() {
		before = before.owner.before
	}
	before.set()
}
