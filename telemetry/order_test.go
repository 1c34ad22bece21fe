package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/catalog"
)

// observed is an instance with exporters that keep what they get, and what the
// model says that they must have at its end.
type observed struct {
	*telemetry.Telemetry
	handler http.Handler
	metrics *fakeExporter
	spans   *tracetest.InMemoryExporter
	lines   atomic.Int64

	global, live                     bool
	reviews, globalUses, spanUses, n int
}

// begin starts an instance, with Init or with New.
func begin(t *testing.T, global bool) *observed {
	t.Helper()
	o, err := newObserved(t.Context(), global)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func newObserved(ctx context.Context, global bool) (*observed, error) {
	o := &observed{metrics: &fakeExporter{}, spans: tracetest.NewInMemoryExporter(), global: global, live: true}
	w := writerFunc(func(p []byte) (int, error) {
		o.lines.Add(int64(bytes.Count(p, []byte(`"message":"used"`))))
		return len(p), nil
	})
	options := []telemetry.Option{
		telemetry.WithLogWriter(w), telemetry.WithExporters(pushTo(o.metrics), spansTo(keptSpans{o.spans})),
		telemetry.WithConfig(func(c *telemetry.Config) {
			c.Metrics.Exporters, c.Traces.Exporters = []string{"fake", "prometheus"}, []string{"kept"}
			c.Shutdown.FlushTimeout = time.Minute // many of them end at once on a busy machine
		}),
	}
	var err error
	if global {
		o.Telemetry, err = telemetry.Init(ctx, telemetry.Service{Name: "test"}, options...)
	} else {
		o.Telemetry, err = telemetry.New(ctx, config(), options...)
	}
	if err != nil {
		return nil, err
	}
	mux := o.NewServeMux()
	mux.HandleFunc("GET /used", func(w http.ResponseWriter, r *http.Request) { telemetry.Log(r.Context()).Info("used") })
	o.handler = o.Handler(mux)
	return o, nil
}

// use records everything that can be recorded, ended or not.
func (o *observed) use(t *testing.T) {
	t.Helper()
	o.Reviews.Add(t.Context())
	o.Bookings.Add(t.Context(), catalog.BookingPending)
	o.RecordError(t.Context(), errors.New("used"))
	o.Logger().Info("used")
	o.Event(t.Context(), "used")
	_, span := o.TracerProvider().Tracer("order").Start(t.Context(), "used")
	span.End()
	if err := o.ExternalCall(t.Context(), "toss_payments", "confirm", func(ctx context.Context) error { return ctx.Err() }); err != nil {
		t.Error(err)
	}
	response := httptest.NewRecorder()
	o.handler.ServeHTTP(response, httptest.NewRequest(http.MethodGet, "/used", nil))
	if response.Code != http.StatusOK {
		t.Errorf("the handler answers %d, want 200", response.Code)
	}
	if o.live {
		o.reviews++
		o.spanUses += 3 // that of above, the call's and the request's
		o.n += 2        // the logger's and the request's
	}
}

// useGlobals records with what knows of no Telemetry.
func useGlobals(t *testing.T, owner *observed) {
	t.Helper()
	counter, err := otel.Meter("order").Int64Counter("order.used")
	if err != nil {
		t.Fatal(err)
	}
	counter.Add(t.Context(), 1)
	_, span := otel.Tracer("order").Start(t.Context(), "used")
	if recording := span.IsRecording(); recording != (owner != nil) {
		t.Errorf("a span of the globals is recorded: %v, and the globals have an owner: %v", recording, owner != nil)
	}
	span.End()
	zap.L().Info("used")
	slog.Info("used")
	if owner != nil {
		owner.globalUses++
		owner.spanUses++
		owner.n += 2
	}
}

// end shuts o down and compares what came out with the model.
func (o *observed) end(t *testing.T) {
	t.Helper()
	o.live = false
	for range 2 {
		if err := o.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	}
	got := fmt.Sprint(o.metrics.sum(catalog.Reviews), o.metrics.sum("order.used"), len(o.spans.GetSpans()), o.lines.Load())
	if want := fmt.Sprint(o.reviews, o.globalUses, o.spanUses, o.n); got != want {
		t.Errorf("reviews, uses of the global meter, spans and lines are %s, want %s", got, want)
	}
}

// world is the instances of one order, in the order of their beginning.
type world []*observed

// owner is the instance that has the globals.
func (w world) owner() *observed {
	for i := range w {
		if o := w[len(w)-1-i]; o.global && o.live {
			return o
		}
	}
	return nil
}

// steps are what can happen.
var steps = map[string]func(t *testing.T, w world) world{
	"use": func(t *testing.T, w world) world {
		useGlobals(t, w.owner())
		for _, o := range w {
			o.use(t)
		}
		return w
	},
	"Init": func(t *testing.T, w world) world { return append(w, begin(t, true)) },
	"New":  func(t *testing.T, w world) world { return append(w, begin(t, false)) },
	"Shutdown of the oldest": func(t *testing.T, w world) world {
		for _, o := range w {
			if o.live {
				o.end(t)
				return w
			}
		}
		return w
	},
	"Shutdown of the newest": func(t *testing.T, w world) world {
		for i := range w {
			if o := w[len(w)-1-i]; o.live || i == len(w)-1 { // or once more of one that has ended
				o.end(t)
				return w
			}
		}
		return w
	},
}

// TestEveryOrderOfInitNewUseAndShutdownExportsWhatIsUsedInBetween goes through
// all orders of four steps.
func TestEveryOrderOfInitNewUseAndShutdownExportsWhatIsUsedInBetween(t *testing.T) {
	before, writer, flags := slog.Default(), log.Writer(), log.Flags()
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	defer func() {
		slog.SetDefault(before)
		log.SetOutput(writer)
		log.SetFlags(flags)
	}()
	original := globalsNow()
	running := goleak.IgnoreCurrent()
	var orders func(order []string)
	orders = func(order []string) {
		if len(order) < 4 {
			for name := range steps {
				if name == "Shutdown of the oldest" && live(order) < 2 {
					continue // that is the newest
				}
				orders(append(slices.Clip(order), name))
			}
			return
		}
		t.Run(strings.Join(order, ", "), func(t *testing.T) {
			var w world
			for _, name := range order {
				w = steps[name](t, w)
			}
			for _, o := range w {
				if o.live {
					o.end(t)
				}
			}
			if now := globalsNow(); now != original {
				t.Errorf("the globals are %v, they were %v", now, original)
			}
		})
	}
	orders(nil)
	goleak.VerifyNone(t, running)
}

// live is how many instances an order leaves.
func live(order []string) (n int) {
	for _, name := range order {
		switch {
		case strings.HasPrefix(name, "Shutdown"):
			n = max(n-1, 0)
		case name != "use":
			n++
		}
	}
	return n
}

// globalsNow is what code reaches that knows of no Telemetry.
func globalsNow() [7]any {
	return [7]any{otel.GetMeterProvider(), otel.GetTracerProvider(), otel.GetTextMapPropagator(), zap.L(), slog.Default(), log.Writer(), log.Flags()}
}
