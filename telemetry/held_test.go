package telemetry_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/catalog"
)

// held is what code took from OpenTelemetry's globals.
type held struct {
	counter metric.Int64Counter
	tracer  trace.Tracer
}

func hold(name string) held {
	counter, err := otel.Meter("held").Int64Counter(name)
	if err != nil {
		panic(err)
	}
	return held{counter, otel.Tracer(name)}
}

// use records with h, and reports whether the span is recorded.
func (h held) use() bool {
	h.counter.Add(context.Background(), 1)
	_, span := h.tracer.Start(context.Background(), "used")
	defer span.End()
	return span.IsRecording()
}

// heldProgram uses what it took before the first Init, and between the first and
// the second, throughout its life. It prints what is not as Init promises.
// OpenTelemetry's globals bind once in a process, so it needs one of its own.
func heldProgram() (code int) {
	differ := func(at string, got, want any) {
		if got != want {
			fmt.Printf("%s: %v, want %v\n", at, got, want)
			code = 1
		}
	}
	start := func() (*telemetry.Telemetry, *fakeExporter, *tracetest.InMemoryExporter) {
		metrics, spans := &fakeExporter{}, tracetest.NewInMemoryExporter()
		tel, err := telemetry.Init(context.Background(), telemetry.Service{Name: "test"}, discard,
			telemetry.WithExporters(pushTo(metrics), spansTo(keptSpans{spans})),
			telemetry.WithConfig(func(c *telemetry.Config) {
				c.Metrics.Exporters, c.Traces.Exporters = []string{"fake"}, []string{"kept"}
			}))
		if err != nil {
			panic(err)
		}
		return tel, metrics, spans
	}
	exported := func(metrics *fakeExporter, spans *tracetest.InMemoryExporter) string {
		return fmt.Sprint(metrics.sum("early"), metrics.sum("between"), metrics.sum("late"), len(spans.GetSpans()))
	}

	early := hold("early")
	differ("before the first Init, recorded", early.use(), false)

	first, metrics, spans := start()
	differ("after the first Init, recorded", early.use(), true)
	ownTracer := first.TracerProvider().Tracer("own")
	differ("the first Shutdown", first.Shutdown(context.Background()), nil)
	differ("early, between, late and spans of the first", exported(metrics, spans), "1 0 0 1")

	between := hold("between")
	differ("after the first Shutdown, recorded", early.use() || between.use(), false)
	_, span := ownTracer.Start(context.Background(), "used")
	differ("by a tracer of the first, recorded or sampled", span.IsRecording() || span.SpanContext().IsSampled(), false)
	span.End()

	second, metrics, spans := start()
	late := hold("late")
	differ("of before the second Init, recorded", early.use() || between.use(), false)
	differ("after the second Init, recorded", late.use(), true)
	third, others, otherSpans := start()
	differ("of the second, beside the third, recorded", late.use(), true)
	differ("the third Shutdown", third.Shutdown(context.Background()), nil)
	differ("early, between, late and spans of the third", exported(others, otherSpans), "0 0 0 0")
	differ("the second Shutdown", second.Shutdown(context.Background()), nil)
	differ("early, between, late and spans of the second", exported(metrics, spans), "0 0 2 2")
	differ("after the second Shutdown, recorded", late.use(), false)
	return code
}

func TestWhatIsTakenFromTheGlobalsBelongsToTheInitThatMadeThem(t *testing.T) {
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), "TELEMETRY_TEST_PROGRAM=held")
	if out, err := command.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("the program ended with %v and printed:\n%s", err, out)
	}
}

func TestUseAfterShutdownAllocatesNoMoreThanBefore(t *testing.T) {
	c := pushing(config(), "fake")
	c.Traces.Exporters = []string{"kept"}
	tel, err := telemetry.New(t.Context(), c, discard, telemetry.WithExporters(pushTo(&fakeExporter{}), spansTo(keptSpans{tracetest.NewInMemoryExporter()})))
	if err != nil {
		t.Fatal(err)
	}
	handler := tel.Handler(http.NotFoundHandler())
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	uses := map[string]func(){
		"a line":    func() { tel.Logger().Info("late", zap.Int("n", 1)) },
		"an error":  func() { tel.RecordError(t.Context(), context.Canceled) },
		"a span":    func() { _, span := tel.TracerProvider().Tracer("test").Start(t.Context(), "late"); span.End() },
		"a request": func() { handler.ServeHTTP(httptest.NewRecorder(), request) },
	}
	before := make(map[string]float64)
	for name, use := range uses {
		before[name] = testing.AllocsPerRun(100, use)
	}
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, use := range uses {
		// One more is that of a pool, which the race detector empties at random.
		if after := testing.AllocsPerRun(100, use); after > before[name]+1 {
			t.Errorf("%s takes %v allocations after Shutdown, before %v", name, after, before[name])
		}
	}
	if n := testing.AllocsPerRun(100, func() {
		tel.Reviews.Add(t.Context())
		tel.Bookings.Add(t.Context(), catalog.BookingPending)
	}); n != 0 {
		t.Errorf("two counters take %v allocations after Shutdown, want 0", n)
	}
}
