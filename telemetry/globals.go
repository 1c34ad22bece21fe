package telemetry

import (
	"log"
	"log/slog"

	"go.opentelemetry.io/otel"
	"go.uber.org/zap"
)

// setGlobals makes t what code reaches that knows nothing of it, and returns
// what puts back what was there before.
func (t *Telemetry) setGlobals() (restore func()) {
	var undo []func()
	if !t.config.Disabled {
		meterProvider, tracerProvider := otel.GetMeterProvider(), otel.GetTracerProvider()
		propagator, handler := otel.GetTextMapPropagator(), otel.GetErrorHandler()
		otel.SetMeterProvider(t.meterProvider)
		otel.SetTracerProvider(t.tracerProvider)
		otel.SetTextMapPropagator(t.propagator)
		otel.SetErrorHandler(otel.ErrorHandlerFunc(t.errors.Handle))
		undo = append(undo, func() {
			otel.SetMeterProvider(meterProvider)
			otel.SetTracerProvider(tracerProvider)
			otel.SetTextMapPropagator(propagator)
			otel.SetErrorHandler(handler)
		})
	}
	// slog.SetDefault also takes over the output of package log, and does not
	// give it back.
	structured, plain, flags := slog.Default(), log.Writer(), log.Flags()
	slog.SetDefault(slog.New(t.SlogHandler()))
	undo = append(undo, zap.ReplaceGlobals(t.Logger()), func() {
		slog.SetDefault(structured)
		log.SetOutput(plain)
		log.SetFlags(flags)
	})
	return func() {
		for _, f := range undo {
			f()
		}
	}
}
