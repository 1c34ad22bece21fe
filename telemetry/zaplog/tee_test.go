package zaplog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/tutorflow/observability/telemetry/zaplog"
)

// That records and lines say the same is what logged checks, in all tests of
// this package that use it. What follows is what lines cannot tell.

func teed(t testing.TB) (*zaplog.Pipeline, *sink, *records) {
	t.Helper()
	p, out := newPipeline(t, service)
	r := newRecords(t)
	p.Tee(r.core)
	return p, out, r
}

func TestAttributesKeepTheirTypes(t *testing.T) {
	p, _, r := teed(t)
	p.Logger().With(zap.Float64("with", 4)).Info("m",
		zap.Int("int", 3), zap.Float64("whole", 3), zap.Float64("broken", 3.5), zap.Float32("small", 1e-9), zap.Float64("nan", math.NaN()),
		zap.Duration("took", 2*time.Second), zap.Time("since", fixed{}.Now()), zap.Bool("trial", true), zap.Uint64("max", math.MaxUint64),
		zap.Any("nil", nil), zap.Error(errors.New("refused")), zap.Ints("list", []int{1, 2}), zap.Float64("token", 3),
		zap.Any("object", map[string]any{"int": 1, "float": 1.5, "list": []any{"a", nil, map[string]any{"b": true}}, "api_key": 1}),
		zap.Dict("dict", zap.Int64("id", 1<<62), zap.Float64("share", 0.25), zap.Namespace("ns"), zap.String("k", "v")),
		zap.Namespace("ns"), zap.Float64("whole", 3), zap.Namespace("inner"), zap.Int("int", 3))
	got := r.take()
	if len(got) != 1 {
		t.Fatalf("%d records", len(got))
	}
	found := attributes(&got[0])
	for _, key := range []string{"code.file.path", "code.function.name", "code.line.number"} {
		if found[key] == nil {
			t.Errorf("%s is missing", key)
		}
		delete(found, key)
	}
	want := map[string]any{
		"with": 4.0, "int": int64(3), "whole": 3.0, "broken": 3.5, "small": 1e-9, "nan": "NaN",
		"took": 2.0, "since": "2026-01-02T03:04:05.678900Z", "trial": true, "max": float64(math.MaxUint64),
		"nil": nil, "error": "refused", "list": []any{int64(1), int64(2)}, "token": "[REDACTED]",
		"object": map[string]any{"int": int64(1), "float": 1.5, "list": []any{"a", nil, map[string]any{"b": true}}, "api_key": "[REDACTED]"},
		"dict":   map[string]any{"id": int64(1 << 62), "share": 0.25, "ns": map[string]any{"k": "v"}},
		"ns":     map[string]any{"whole": 3.0, "inner": map[string]any{"int": int64(3)}},
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestAnAccessLineIsARecord(t *testing.T) {
	p, _, r := teed(t)
	p.Events(0).Request(requestContext(), zaplog.RequestEvent{
		Method: "GET", Path: "/reset/token=" + canary + "\x00", Route: "/reset/{what}", Status: 503, Duration: 12 * time.Millisecond,
	})
	got := r.take()
	if len(got) != 1 {
		t.Fatalf("%d records", len(got))
	}
	want := map[string]any{
		"request_id": "req-1", "user_id": "tutor-7",
		"http_method": "GET", "http_path": "/reset/token=[REDACTED]", "http_route": "/reset/{what}", "http_status": int64(503), "duration_ms": 12.0,
	}
	if diff := cmp.Diff(want, attributes(&got[0])); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	if body := got[0].Body().AsString(); body != "HTTP request" || got[0].Severity().String() != "ERROR" ||
		got[0].InstrumentationScope().Name != "tutorflow.request" || !got[0].Timestamp().Equal(fixed{}.Now()) {
		t.Errorf("got %v %q of %v", got[0].Severity(), body, got[0].InstrumentationScope())
	}
}

func TestOnlyTheSpanOfTheContextReachesTheTee(t *testing.T) {
	p, _, r := teed(t)
	ctx := requestContext()
	r.exporting = func(exported context.Context) {
		if !trace.SpanContextFromContext(exported).Equal(trace.SpanContextFromContext(ctx)) || zaplog.RequestID(exported) != "" {
			t.Errorf("the context is %v", exported)
		}
	}
	p.Logger().With(zaplog.Context(ctx)).Info("m")
	p.Events(0).Request(ctx, access)
	slog.New(p.SlogHandler()).InfoContext(ctx, "m")
	for _, got := range r.take() {
		if got.TraceFlags() != trace.FlagsSampled || got.SpanID() != (trace.SpanID{1: 2}) {
			t.Errorf("the span is %v, %v", got.SpanID(), got.TraceFlags())
		}
	}
	r.exporting = func(context.Context) {}
	p.Logger().Info("m")
	if got := r.take(); len(got) != 1 || got[0].TraceID().IsValid() {
		t.Errorf("a line without a context has the span of another: %v", got)
	}
}

// late is a request that panics when its last value is asked for.
type late struct{ zaplog.Request }

func (late) RequestID() string { return "req-1" }
func (late) UserID() string    { panic("no user") }

func TestAContextThatPanicsLeavesNothingOnTheRecord(t *testing.T) {
	_, object := loggedOne(t, func(p *zaplog.Pipeline) {
		p.Logger().Info("m", zaplog.Context(context.WithValue(requestContext(), zaplog.RequestKey{}, zaplog.Request(late{}))), zap.Int("after", 1))
	})
	if object["request_id"] != nil || object["after"] != 1.0 {
		t.Errorf("got %v", object)
	}
}

func TestACallerWithoutItsFunctionIsLeftOut(t *testing.T) {
	loggedOne(t, func(p *zaplog.Pipeline) {
		if err := p.Logger().Core().Write(zapcore.Entry{Caller: zapcore.NewEntryCaller(1, "x.go", 1, true)}, nil); err != nil {
			t.Error(err)
		}
	})
}

func TestTheTeeObeysTheLevels(t *testing.T) {
	p, _, r := teed(t)
	p.Level().SetLevel(zap.InfoLevel)
	set(t, p, "tutorflow.request", zap.ErrorLevel, time.Hour)
	set(t, p, "tutorflow.db", zap.DebugLevel, time.Hour)
	p.Logger().Debug("not written")
	p.Logger().Named("db").Debug("written")
	p.Events(0).Request(t.Context(), access)
	if got := r.take(); len(got) != 1 || got[0].Body().AsString() != "written" {
		t.Errorf("got %d records", len(got))
	}
	warnings, seen := newRecords(t), &sink{}
	p.Tee(zapcore.NewTee(warnings.core, zapcore.NewCore(zapcore.NewJSONEncoder(zapcore.EncoderConfig{MessageKey: "m"}), zapcore.AddSync(seen), zap.WarnLevel)))
	p.Logger().Info("an info")
	p.Logger().Warn("a warning", zap.String("k", "v"))
	if got := warnings.take(); len(got) != 2 || seen.String() != `{"m":"a warning","k":"v"}`+"\n" {
		t.Errorf("got %d records and %s", len(got), seen)
	}
}

func TestALineThatTheQueueDropsIsARecord(t *testing.T) {
	block := make(chan struct{})
	p, err := zaplog.New(service, writer(func(b []byte) (int, error) { <-block; return len(b), nil }))
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	p.Tee(counter{&lines})
	for range 10_000 {
		p.Logger().Info("m")
	}
	if dropped(p)["queue_full"] == 0 || lines != 10_000 {
		t.Errorf("%d lines reached the tee", lines)
	}
	close(block)
	if err := p.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	p.Logger().Info("after Shutdown")
	if lines != 10_000 {
		t.Error("a line of after Shutdown reached the tee")
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// counter counts lines.
type counter struct{ lines *int }

func (counter) Enabled(zapcore.Level) bool          { return true }
func (c counter) With([]zapcore.Field) zapcore.Core { return c }
func (c counter) Check(ent zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	return ce.AddCore(ent, c)
}
func (c counter) Write(zapcore.Entry, []zapcore.Field) error { *c.lines++; return nil }
func (counter) Sync() error                                  { return nil }

func TestLinesOfTheTelemetryStayOnStdout(t *testing.T) {
	marked := zaplog.WithoutTee(requestContext())
	for name, log := range map[string]func(p *zaplog.Pipeline){
		"of the local logger":   func(p *zaplog.Pipeline) { p.LocalLogger().Error("m") },
		"of its children":       func(p *zaplog.Pipeline) { p.LocalLogger().Named("otlp").With(zap.Int("a", 1)).Error("m") },
		"of its lazy children":  func(p *zaplog.Pipeline) { p.LocalLogger().WithLazy(zap.Int("a", 1)).Error("m") },
		"of its sugar":          func(p *zaplog.Pipeline) { p.LocalLogger().Sugar().With("a", 1).Errorw("m") },
		"with its context":      func(p *zaplog.Pipeline) { p.LocalLogger().Error("m", zaplog.Context(requestContext())) },
		"with a marked context": func(p *zaplog.Pipeline) { p.Logger().Error("m", zaplog.Context(marked)) },
		"with one in With":      func(p *zaplog.Pipeline) { p.Logger().With(zaplog.Context(marked)).Error("m") },
		"with one through FromContext": func(p *zaplog.Pipeline) {
			zaplog.FromContext(zaplog.IntoContext(marked, p.Logger())).Error("m")
		},
		"with one made from it": func(p *zaplog.Pipeline) {
			slog.New(p.SlogHandler()).ErrorContext(zaplog.WithRequestID(marked, "req-2"), "m")
		},
		"with one of a request": func(p *zaplog.Pipeline) { p.Events(0).Request(marked, access) },
		"with one of an error":  func(p *zaplog.Pipeline) { p.Events(0).Error(marked, errors.New("e")) },
	} {
		t.Run(name, func(t *testing.T) {
			p, out, r := teed(t)
			log(p)
			if err := p.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := r.take(); len(got) != 0 || strings.Count(out.String(), "\n") != 1 {
				t.Errorf("%d records, and on stdout %s", len(got), out)
			}
		})
	}
	p, out, r := teed(t)
	p.LocalLogger().Warn("m")
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), `"logger":"tutorflow.telemetry"`) || !strings.Contains(out.String(), "TestLinesOfTheTelemetryStayOnStdout") {
		t.Errorf("got %s", out)
	}
	p.Logger().Info("m", zaplog.Context(none), zaplog.Context((*state)(nil)))
	if got := r.take(); len(got) != 1 {
		t.Errorf("a broken context costs the record")
	}
}

func TestAnExporterThatLogsFeedsNotItself(t *testing.T) {
	p, out, r := teed(t)
	r.exporting = func(ctx context.Context) {
		p.LocalLogger().Warn("exporting")
		zaplog.FromContext(zaplog.IntoContext(zaplog.WithoutTee(ctx), p.Logger())).Warn("exporting")
	}
	p.Logger().Info("m")
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := r.take(); len(got) != 1 || strings.Count(out.String(), "\n") != 3 {
		t.Errorf("%d records, and on stdout %s", len(got), out)
	}
}

func TestATeeThatPanicsCostsItsRecord(t *testing.T) {
	p, out, r := teed(t)
	r.exporting = func(context.Context) { panic("broken") }
	p.Logger().Info("m")
	p.Events(0).Request(t.Context(), access)
	r.exporting = func(context.Context) {}
	p.Logger().Info("m")
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := r.take(); len(got) != 1 || strings.Count(out.String(), "\n") != 3 {
		t.Errorf("%d records, and on stdout %s", len(got), out)
	}
}

func TestATeeIsTakenAway(t *testing.T) {
	p, _, first := teed(t)
	second, third := newRecords(t), newRecords(t)
	undoSecond := p.Tee(second.core)
	p.Logger().Info("m")
	undoThird := p.Tee(third.core)
	undoSecond()
	p.Logger().Info("m")
	p.Logger().Info("m")
	undoThird()
	undoThird()
	p.Logger().Info("m")
	if a, b, c := len(first.take()), len(second.take()), len(third.take()); a != 0 || b != 1 || c != 2 {
		t.Errorf("got %d, %d and %d records, want 0, 1 and 2", a, b, c)
	}
}

func TestALineWithoutATeeCostsNoAllocation(t *testing.T) {
	p, _ := newPipeline(t, service)
	core, ctx := p.Logger().Core(), requestContext()
	ent := zapcore.Entry{Time: fixed{}.Now(), LoggerName: "tutorflow", Message: "m"}
	fields := []zapcore.Field{zaplog.Context(ctx), zap.String("k", "v"), zap.Int("n", 1), zap.Float64("f", 1.5)}
	p.Tee(counter{new(int)})()
	if n := testing.AllocsPerRun(1000, func() { _ = core.Write(ent, fields) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestTeeConcurrentSafe(t *testing.T) {
	p, _, r := teed(t)
	child, events := p.Logger().With(zap.Any("m", map[string]int{"a": 1})), p.Events(0)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 25 {
				defer p.Tee(r.core)()
				child.Info("m", zap.String("k", fmt.Sprint(i, j)))
				events.Request(requestContext(), access)
				p.LocalLogger().Info("m")
			}
		})
	}
	wg.Wait()
	got := r.take()
	if len(got) == 0 || len(got) > 200 {
		t.Errorf("%d records", len(got))
	}
	for i := range got {
		if found := attributes(&got[i]); found["k"] == nil && found["http_route"] != access.Route {
			t.Errorf("got %v", found)
		}
	}
}
