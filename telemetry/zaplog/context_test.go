package zaplog_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/tutorflow/observability/internal/jsonline"
	"github.com/tutorflow/observability/telemetry/zaplog"
)

// state is the context of a middleware: it answers both keys itself.
type state struct {
	context.Context
	id     string
	user   atomic.Value
	logger *zap.Logger
}

func (s *state) Value(key any) any {
	switch key.(type) {
	case zaplog.RequestKey:
		return zaplog.Request(s)
	case zaplog.LoggerKey:
		return s.logger
	}
	return s.Context.Value(key)
}

func (s *state) RequestID() string   { return s.id }
func (s *state) UserID() string      { id, _ := s.user.Load().(string); return id }
func (s *state) SetUserID(id string) { s.user.Store(id) }

type outer string

func TestUserOfTheHandlerIsOnTheAccessLine(t *testing.T) {
	lines := logged(t, func(p *zaplog.Pipeline) {
		s := &state{Context: t.Context(), id: "req-1", logger: p.Logger().Named("api")}
		inner, cancel := context.WithCancel(context.WithValue(s, outer("k"), "v"))
		defer cancel()
		if ctx := zaplog.WithUser(inner, "tutor-7"); ctx != inner {
			t.Error("WithUser made a context within a request")
		}
		zaplog.FromContext(inner).Info("m")
		p.Events(0).Request(s, access)
	})
	for i, logger := range []string{"tutorflow.api", "tutorflow.request"} {
		if got, _ := jsonline.Decode(lines[i]); got["request_id"] != "req-1" || got["user_id"] != "tutor-7" || got["logger"] != logger {
			t.Errorf("got %s", lines[i])
		}
	}
}

// none is the context that must do no harm.
var none context.Context

func TestContextValues(t *testing.T) {
	ctx := context.Background()
	if zaplog.RequestID(ctx) != "" || zaplog.User(ctx) != "" || zaplog.User(none) != "" {
		t.Error("an empty context has ids")
	}
	user := zaplog.WithUser(ctx, "tutor-7")
	both := zaplog.WithRequestID(user, "req-1")
	zaplog.WithUser(both, "tutor-8")
	for _, tc := range []struct {
		name                  string
		got, wantID, wantUser string
	}{
		{"the user alone", zaplog.RequestID(user) + "/" + zaplog.User(user), "", "tutor-7"},
		{"the user of the inner one", zaplog.RequestID(both) + "/" + zaplog.User(both), "req-1", "tutor-8"},
	} {
		if tc.got != tc.wantID+"/"+tc.wantUser {
			t.Errorf("%s: got %s", tc.name, tc.got)
		}
	}
	for _, id := range []string{strings.Repeat("가", 100), strings.Repeat("\xff", 1000), "a\xffb"} {
		got := zaplog.RequestID(zaplog.WithRequestID(ctx, id))
		if len(got) > 128 || !utf8.ValidString(got) || zaplog.User(zaplog.WithUser(ctx, id)) != got {
			t.Errorf("got %q", got)
		}
	}
}

func TestContextField(t *testing.T) {
	ctx, other := requestContext(), zaplog.WithRequestID(context.Background(), "req-2")
	for _, tc := range []struct {
		name string
		log  func(*zap.Logger)
		id   any
	}{
		{"in the call", func(l *zap.Logger) { l.Info("m", zaplog.Context(ctx)) }, "req-1"},
		{"in With", func(l *zap.Logger) { l.With(zaplog.Context(ctx)).Info("m") }, "req-1"},
		{"in WithLazy", func(l *zap.Logger) { l.WithLazy(zaplog.Context(ctx)).Info("m") }, "req-1"},
		{"in a namespace", func(l *zap.Logger) { l.Info("m", zap.Namespace("n"), zap.Int("a", 1), zaplog.Context(ctx)) }, "req-1"},
		{"the last one wins", func(l *zap.Logger) { l.With(zaplog.Context(ctx)).Info("m", zaplog.Context(other)) }, "req-2"},
		{"through Any", func(l *zap.Logger) { l.Info("m", zap.Any("ctx", ctx)) }, "req-1"},
		{"through Sugar", func(l *zap.Logger) { l.Sugar().Infow("m", zaplog.Context(ctx), "k", "v") }, "req-1"},
		{"of nil", func(l *zap.Logger) { l.Info("m", zaplog.Context(none)) }, nil},
		{"without ids", func(l *zap.Logger) { l.Info("m", zaplog.Context(context.Background())) }, nil},
		{"of a broken context", func(l *zap.Logger) { l.Info("m", zaplog.Context((*state)(nil))) }, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, got := loggedOne(t, func(p *zaplog.Pipeline) { tc.log(p.Logger()) })
			if got["request_id"] != tc.id {
				t.Errorf("got %v", got)
			}
			_, ok := got["user_id"]
			if want := tc.id == "req-1"; ok != want {
				t.Errorf("user_id is there: %t, want %t", ok, want)
			}
		})
	}
}

func TestInvalidSpanIsLeftOut(t *testing.T) {
	ctx := trace.ContextWithSpanContext(context.Background(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}}))
	_, got := loggedOne(t, func(p *zaplog.Pipeline) { p.Logger().Info("m", zaplog.Context(ctx)) })
	if _, ok := got["trace_id"]; ok {
		t.Errorf("got %v", got)
	}
}

func TestFromContextFallsBackToTheGlobalLogger(t *testing.T) {
	_, got := loggedOne(t, func(p *zaplog.Pipeline) {
		zaplog.FromContext(none).Info("nowhere")
		defer zap.ReplaceGlobals(p.Logger().Named("global"))()
		zaplog.FromContext(zaplog.IntoContext(requestContext(), nil)).Info("m")
	})
	if got["logger"] != "tutorflow.global" || got["request_id"] != "req-1" {
		t.Errorf("got %v", got)
	}
}

func TestUserConcurrentSafe(t *testing.T) {
	p, _ := newPipeline(t, service)
	ctx := zaplog.WithRequestID(t.Context(), "req-1")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				zaplog.WithUser(ctx, "tutor-7")
				p.Events(0).Request(ctx, access)
			}
		})
	}
	wg.Wait()
	if got := zaplog.User(ctx); got != "tutor-7" {
		t.Errorf("got %q", got)
	}
}
