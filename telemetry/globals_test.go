package telemetry_test

import (
	"log"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"

	"github.com/tutorflow/observability/telemetry"
)

func TestInitSetsTheGlobalsAndShutdownRestoresThem(t *testing.T) {
	meters, tracers, structured, logger, plain := otel.GetMeterProvider(), otel.GetTracerProvider(), slog.Default(), zap.L(), log.Writer()
	tel, err := telemetry.Init(t.Context(), telemetry.Service{Name: "test"}, discard)
	if err != nil {
		t.Fatal(err)
	}
	if otel.GetMeterProvider() != tel.MeterProvider() || zap.L() != tel.Logger() || slog.Default() == structured {
		t.Error("Init has not set the globals")
	}
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if otel.GetMeterProvider() != meters || otel.GetTracerProvider() != tracers || slog.Default() != structured || zap.L() != logger || log.Writer() != plain {
		t.Error("Shutdown has not restored the globals")
	}
}

func TestSeveralInstancesHandTheGlobalsBackInEveryOrder(t *testing.T) {
	first := func() (a, b *telemetry.Telemetry) {
		t.Helper()
		var both [2]*telemetry.Telemetry
		for i := range both {
			tel, err := telemetry.Init(t.Context(), telemetry.Service{Name: "test"}, discard)
			if err != nil {
				t.Fatal(err)
			}
			both[i] = tel
		}
		return both[0], both[1]
	}
	end := func(tel *telemetry.Telemetry) {
		if err := tel.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	meters, structured, logger, plain := otel.GetMeterProvider(), slog.Default(), zap.L(), log.Writer()
	original := func() bool {
		return otel.GetMeterProvider() == meters && slog.Default() == structured && zap.L() == logger && log.Writer() == plain
	}

	a, b := first()
	end(a)
	if otel.GetMeterProvider() != b.MeterProvider() || zap.L() != b.Logger() {
		t.Error("the end of the first took the globals from the second")
	}
	end(b)
	if !original() {
		t.Error("first, second: the globals are not the original ones")
	}

	a, b = first()
	end(b)
	if otel.GetMeterProvider() != a.MeterProvider() || zap.L() != a.Logger() {
		t.Error("the end of the second did not give the globals back to the first")
	}
	end(a)
	if !original() {
		t.Error("second, first: the globals are not the original ones")
	}
}

func TestInstancesThatEndAtOnceLeaveTheOriginalGlobalsConcurrentSafe(t *testing.T) {
	meters, structured, logger := otel.GetMeterProvider(), slog.Default(), zap.L()
	for range 5 {
		var end sync.WaitGroup
		for range 3 {
			tel, err := telemetry.Init(t.Context(), telemetry.Service{Name: "test"}, discard)
			if err != nil {
				t.Fatal(err)
			}
			end.Go(func() {
				time.Sleep(time.Millisecond)
				if err := tel.Shutdown(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		end.Wait()
		if otel.GetMeterProvider() != meters || slog.Default() != structured || zap.L() != logger {
			t.Fatal("the globals are not the original ones")
		}
	}
}

func TestShutdownRestoresTheGlobalsBesideOnesThatTheProgramReplaced(t *testing.T) {
	meters, structured, logger := otel.GetMeterProvider(), slog.Default(), zap.L()
	tel, err := telemetry.Init(t.Context(), telemetry.Service{Name: "test"}, discard)
	if err != nil {
		t.Fatal(err)
	}
	slog.SetDefault(slog.Default().With("key", "value"))
	own := noop.NewTracerProvider()
	before := otel.GetTracerProvider()
	otel.SetTracerProvider(struct{ trace.TracerProvider }{own})
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if otel.GetMeterProvider() != meters || zap.L() != logger || slog.Default() != structured {
		t.Error("the globals are not the original ones")
	}
	if otel.GetTracerProvider() != (struct{ trace.TracerProvider }{own}) {
		t.Error("the program's own tracer provider is gone")
	}
	otel.SetTracerProvider(before)
}

func TestADisabledInstanceLeavesOpenTelemetrysGlobalsAlone(t *testing.T) {
	t.Setenv("OTEL_SDK_DISABLED", "true")
	tel, err := telemetry.Init(t.Context(), telemetry.Service{Name: "test"}, discard)
	if err != nil {
		t.Fatal(err)
	}
	before, own := otel.GetTracerProvider(), struct{ trace.TracerProvider }{noop.NewTracerProvider()}
	otel.SetTracerProvider(own)
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if otel.GetTracerProvider() != own {
		t.Error("the program's own tracer provider is gone")
	}
	otel.SetTracerProvider(before)
}
