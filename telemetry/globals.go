package telemetry

import (
	"cmp"
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
	owner          *Telemetry // whose they were, if a Telemetry had set them
	meterProvider  metric.MeterProvider
	tracerProvider trace.TracerProvider
	propagator     propagation.TextMapPropagator
	errorHandler   otel.ErrorHandler
	zap            *zap.Logger
	slog           *slog.Logger
	log            io.Writer
	flags          int
}

// ownedPropagator and ownedHandler say whose the globals are; the handlers that
// a program derives from slog.Default say it as well.
type ownedPropagator struct {
	propagation.TextMapPropagator
	owner *Telemetry
}

type ownedHandler struct {
	slog.Handler
	owner *Telemetry
}

func (h ownedHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return ownedHandler{h.Handler.WithAttrs(attrs), h.owner}
}

func (h ownedHandler) WithGroup(name string) slog.Handler {
	return ownedHandler{h.Handler.WithGroup(name), h.owner}
}

func propagatorOwner(p propagation.TextMapPropagator) *Telemetry {
	if owned, ok := p.(*ownedPropagator); ok {
		return owned.owner
	}
	return nil
}

func slogOwner() *Telemetry {
	if owned, ok := slog.Default().Handler().(ownedHandler); ok {
		return owned.owner
	}
	return nil
}

// setGlobals makes t what such code reaches. While telemetry is disabled,
// OpenTelemetry's globals are left as they are.
func (t *Telemetry) setGlobals() {
	// The propagator says whose the globals are. It is read first and put back
	// last, so that of one that ends meanwhile nothing is kept without its owner.
	t.before = &globals{propagator: otel.GetTextMapPropagator()}
	t.before.owner = cmp.Or(propagatorOwner(t.before.propagator), slogOwner())
	t.before.meterProvider, t.before.tracerProvider = otel.GetMeterProvider(), otel.GetTracerProvider()
	t.before.errorHandler = otel.GetErrorHandler()
	t.before.zap, t.before.slog = zap.L(), slog.Default()
	t.before.log, t.before.flags = log.Writer(), log.Flags()
	if !t.config.Disabled {
		otel.SetMeterProvider(t.meterProvider)
		otel.SetTracerProvider(t.tracerProvider)
		otel.SetTextMapPropagator(&ownedPropagator{t.propagator, t})
		otel.SetErrorHandler(otel.ErrorHandlerFunc(t.errors.Handle))
	}
	zap.ReplaceGlobals(t.Logger())
	slog.SetDefault(slog.New(ownedHandler{t.SlogHandler(), t}))
}

// restoreGlobals puts back what was there before t, where it is still t's, and
// goes on to what was there before that if its owner has ended as well. Two
// that end at once need no lock: each marks itself first, so whoever puts the
// other's back sees the mark, or the other sees its own globals again.
func (t *Telemetry) restoreGlobals() {
	t.ended.Store(true)
	for o := t; o != nil && o.before != nil && o.ended.Load(); o = o.before.owner {
		o.before.replace(o)
	}
}

// replace puts g in the place of what is o's.
func (g *globals) replace(o *Telemetry) {
	if !o.config.Disabled {
		if otel.GetMeterProvider() == o.meterProvider {
			otel.SetMeterProvider(g.meterProvider)
		}
		if otel.GetTracerProvider() == o.tracerProvider {
			otel.SetTracerProvider(g.tracerProvider)
		}
	}
	if zap.L() == o.Logger() {
		zap.ReplaceGlobals(g.zap)
	}
	if slogOwner() == o {
		// slog.SetDefault also takes over the output of package log, and does
		// not give it back.
		slog.SetDefault(g.slog)
		log.SetOutput(g.log)
		log.SetFlags(g.flags)
	}
	if !o.config.Disabled && propagatorOwner(otel.GetTextMapPropagator()) == o {
		otel.SetErrorHandler(g.errorHandler)
		otel.SetTextMapPropagator(g.propagator)
	}
}
