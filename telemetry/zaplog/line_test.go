package zaplog_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/tutorflow/observability/internal/jsonline"
	"github.com/tutorflow/observability/telemetry/zaplog"
)

var update = flag.Bool("update", false, "write the golden files anew")

var lineNumber = regexp.MustCompile(`"line":\d+`)

func TestGoldenLines(t *testing.T) {
	ctx := requestContext()
	lines := logged(t, func(p *zaplog.Pipeline) {
		log, events := p.Logger(), p.Events(0)
		log.Debug("a debug line")
		log.Named("booking").Info("booking created", zap.Int64("booking_id", 42), zaplog.Context(ctx))
		log.Warn("slow", zap.Duration("took", 1500*time.Millisecond), zap.Time("since", fixed{}.Now()), zap.Float64("share", 0.25))
		log.DPanic("should not happen", zap.Error(errors.New("broken")))
		log.With(zap.String("shared", "yes"), zap.Namespace("inner"), zap.Int("a", 1)).Info("namespaced", zaplog.Context(ctx), zap.Int("b", 2))
		events.Request(ctx, access)
		events.Request(context.Background(), zaplog.RequestEvent{Method: "POST", Path: "/x", Route: "unmatched", Status: 503})
		events.Error(ctx, errors.New("open database: refused"), zap.String("error_type", "database"), zap.String("endpoint", "/api/v1/bookings"))
		events.Business(ctx, "booking_created", zap.Int64("booking_id", 42), zap.String("access_token", "s3cret"))
		events.External(ctx, zaplog.ExternalEvent{Service: "toss_payments", Operation: "confirm", Status: "success", Duration: 87654321})
		events.External(ctx, zaplog.ExternalEvent{Service: "toss_payments", Operation: "confirm", Status: "timeout", Duration: time.Second, Err: context.DeadlineExceeded})
		rec := slog.NewRecord(fixed{}.Now(), slog.LevelInfo, "from slog", caller())
		rec.AddAttrs(slog.String("k", "v"))
		_ = p.SlogHandler().WithGroup("g").Handle(ctx, rec)
	})
	for _, line := range lines {
		if _, err := jsonline.Decode(line); err != nil {
			t.Errorf("%v in %s", err, line)
		}
	}
	got := lineNumber.ReplaceAllString(strings.Join(lines, "\n")+"\n", `"line":0`)
	golden := filepath.Join("testdata", "lines.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("lines differ (-want +got):\n%s", diff)
	}
}

func caller() uintptr {
	var pcs [1]uintptr
	runtime.Callers(2, pcs[:])
	return pcs[0]
}

// wrapper wraps the events as another package would.
type wrapper struct{ events *zaplog.Events }

func (w *wrapper) Error(err error) { w.events.Error(context.Background(), err) }
func (w *wrapper) Business()       { w.events.Business(context.Background(), "review_written") }

func TestCallerIsTheCallSite(t *testing.T) {
	var want []int
	next := func() { // the call under test is on the next line
		_, _, line, _ := runtime.Caller(1)
		want = append(want, line+1)
	}
	lines := logged(t, func(p *zaplog.Pipeline) {
		ctx, events := context.Background(), p.Events(0)
		wrapped := wrapper{p.Events(1)}
		next()
		p.Logger().Info("m")
		next()
		p.Logger().Sugar().Infow("m")
		next()
		slog.New(p.SlogHandler()).Info("m")
		next()
		events.Error(ctx, errors.New("e"))
		next()
		events.Business(ctx, "b")
		next()
		wrapped.Error(errors.New("e"))
		next()
		wrapped.Business()
		next()
		zaplog.FromContext(zaplog.IntoContext(ctx, p.Logger())).Info("m")
	})
	if len(lines) != len(want) {
		t.Fatalf("got %d lines, want %d", len(lines), len(want))
	}
	for i, line := range lines {
		object, _ := jsonline.Decode(line)
		if object["line"] != float64(want[i]) || object["module"] != "github.com/tutorflow/observability/telemetry/zaplog_test" ||
			object["function"] != "TestCallerIsTheCallSite.func2" {
			t.Errorf("call %d in line %d: got %s", i, want[i], line)
		}
	}
}

func TestACallIsLoggedWithTheFunctionThatMadeItAndAPanicWithTheOneThatPanicked(t *testing.T) {
	lines := logged(t, func(p *zaplog.Pipeline) {
		ctx, events := context.Background(), p.Events(0)
		events.External(ctx, zaplog.ExternalEvent{Status: "error", HTTPStatus: 503})
		func() {
			defer func() {
				_ = recover()
				events.Panic(ctx, errors.New("e"))
			}()
			panics(nil)
		}()
		events.Request(ctx, zaplog.RequestEvent{})
	})
	if len(lines) != 3 {
		t.Fatalf("%d lines, want 3", len(lines))
	}
	const test = "TestACallIsLoggedWithTheFunctionThatMadeItAndAPanicWithTheOneThatPanicked.func1"
	for i, function := range []any{test, "panics", nil} {
		if object, _ := jsonline.Decode(lines[i]); object["function"] != function {
			t.Errorf("the function is %v, want %v: %s", object["function"], function, lines[i])
		}
	}
	if !strings.Contains(lines[0], `"status":"error","http_status":503,"duration_ms":0`) {
		t.Errorf("the external call is logged as %s", lines[0])
	}
}

//go:noinline
func panics(none *wrapper) { none.events = nil }

func TestFunctionAndModule(t *testing.T) {
	for _, tc := range []struct{ full, module, function string }{
		{"main.createBooking", "main", "createBooking"},
		{"main.(*Server).create", "main", "(*Server).create"},
		{"example.com/tutor/api.(*Server).create.func1", "example.com/tutor/api", "(*Server).create.func1"},
		{"gopkg.in/yaml%2ev3.Unmarshal", "gopkg.in/yaml.v3", "Unmarshal"},
		{"example.com/api.Map[example.com/x/y.T]", "example.com/api", "Map[example.com/x/y.T]"},
		{"nodot", "nodot", ""},
	} {
		t.Run(tc.full, func(t *testing.T) {
			_, got := loggedOne(t, func(p *zaplog.Pipeline) {
				ce := p.Logger().Check(zap.InfoLevel, "m")
				ce.Caller = zapcore.EntryCaller{Defined: true, Function: tc.full, Line: 7}
				ce.Write()
			})
			if got["module"] != tc.module || got["function"] != tc.function || got["line"] != 7.0 {
				t.Errorf("got %v, %v, %v", got["module"], got["function"], got["line"])
			}
		})
	}
}

func TestKeysStayUnique(t *testing.T) {
	reserved := []string{
		"timestamp", "level", "logger", "message", "module", "function", "line", "app", "environment", "version",
		"request_id", "trace_id", "span_id", "user_id",
	}
	t.Run("reserved keys are renamed", func(t *testing.T) {
		_, got := loggedOne(t, func(p *zaplog.Pipeline) {
			var fields []zap.Field
			for _, key := range reserved {
				fields = append(fields, zap.String(key, "mine"), zap.String("field."+key, "mine too"))
			}
			p.Logger().Info("theirs", append(fields, zaplog.Context(requestContext()))...)
		})
		for _, key := range reserved {
			if got[key] == "mine" || got[key] == nil || got["field."+key] != "mine too" {
				t.Errorf("%s is %v, field.%s is %v", key, got[key], key, got["field."+key])
			}
		}
	})
	t.Run("whatever the way in", func(t *testing.T) {
		for name, log := range map[string]func(p *zaplog.Pipeline, key string){
			"With": func(p *zaplog.Pipeline, key string) { p.Logger().With(zap.String(key, "mine")).Info("theirs") },
			"Any":  func(p *zaplog.Pipeline, key string) { p.Logger().Info("theirs", zap.Any(key, []string{"mine"})) },
			"Inline": func(p *zaplog.Pipeline, key string) {
				p.Logger().Info("theirs", zap.Inline(zap.DictObject(zap.String(key, "mine"))))
			},
			"sugar": func(p *zaplog.Pipeline, key string) {
				p.Logger().Sugar().With(key, "mine").Infow("theirs", key, "mine")
			},
			"slog": func(p *zaplog.Pipeline, key string) { slog.New(p.SlogHandler()).Info("theirs", key, "mine") },
			"its With": func(p *zaplog.Pipeline, key string) {
				slog.New(p.SlogHandler()).With(key, "mine").Info("theirs", key, "mine")
			},
			"an error": func(p *zaplog.Pipeline, key string) {
				p.Events(0).Error(t.Context(), errors.New("e"), zap.String(key, "mine"))
			},
			"a group": func(p *zaplog.Pipeline, key string) {
				slog.New(p.SlogHandler()).WithGroup(key).Info("theirs", "a", "mine")
			},
			"a Namespace": func(p *zaplog.Pipeline, key string) {
				p.Logger().Info("theirs", zap.Namespace(key), zap.String("a", "mine"), zaplog.Context(requestContext()))
			},
		} {
			for _, key := range append(reserved, "truncated") {
				_, got := loggedOne(t, func(p *zaplog.Pipeline) { log(p, key) })
				if fmt.Sprint(got[key]) == "mine" || !strings.Contains(fmt.Sprint(got["field."+key]), "mine") {
					t.Errorf("%s: %s is %v, field.%s is %v", name, key, got[key], key, got["field."+key])
				}
			}
		}
	})
	t.Run("the last of equal keys is kept", func(t *testing.T) {
		_, got := loggedOne(t, func(p *zaplog.Pipeline) {
			p.Logger().With(zap.Int("a", 1), zap.Any("b", []int{1})).With(zap.Int("a", 2)).
				Info("m", zap.Int("c", 3), zap.Int("a", 4), zap.Inline(zap.DictObject(zap.Int("c", 5), zap.Int("d", 6))), zap.Int("b", 7))
		})
		for key, want := range map[string]float64{"a": 4, "b": 7, "c": 5, "d": 6} {
			if got[key] != want {
				t.Errorf("%s is %v, want %v", key, got[key], want)
			}
		}
	})
	t.Run("keys equal after repair are equal", func(t *testing.T) {
		_, got := loggedOne(t, func(p *zaplog.Pipeline) {
			p.Logger().Info("m", zap.Int("k\xff", 1), zap.Int("k\xfe", 2), zap.Int(strings.Repeat("x", 200), 1), zap.Int(strings.Repeat("x", 201), 2))
		})
		if got["k\uFFFD"] != 2.0 || got[strings.Repeat("x", 128)] != 2.0 {
			t.Errorf("got %v", got)
		}
	})
	t.Run("inside a namespace as well", func(t *testing.T) {
		line, got := loggedOne(t, func(p *zaplog.Pipeline) {
			p.Logger().Info("m", zap.Int("n", 0), zap.Namespace("n"), zap.Int("a", 1), zap.Int("level", 2), zap.Int("b", 0), zap.Int("a", 3), zap.Int("b", 4))
		})
		want := map[string]any{"a": 3.0, "b": 4.0, "level": 2.0}
		if diff := cmp.Diff(want, got["n"]); diff != "" || strings.Count(line, `"a"`) != 1 {
			t.Errorf("%s: %s", line, diff)
		}
	})
	t.Run("inside what is nested as well", func(t *testing.T) {
		ctx := requestContext()
		twice := []any{"a", 1, "b", 2, "a", 3}
		for _, line := range logged(t, func(p *zaplog.Pipeline) {
			object := zap.DictObject(zap.Int("a", 1), zap.Int("b", 2), zap.Int("a", 3))
			p.Logger().Info("m", zap.Object("n", object))
			p.Logger().With(zap.Object("n", object)).Info("m")
			p.Logger().Info("m", zap.Dict("n", zap.Namespace("inner"), zap.Object("x", object), zap.Int("x", 1), zap.Int("b", 2), zap.Int("a", 1), zap.Int("a", 3)))
			p.Logger().Info("m", zap.Objects("n", []zapcore.ObjectMarshaler{object, object}))
			p.Logger().Info("m", zap.Any("n", json.RawMessage(`{"a":1,"b":2,"a":3}`)))
			p.Logger().Info("m", zap.Any("n", []any{map[string]int{"a": 3, "b": 2}, map[string]int{"a\xff": 1, "a\xfe": 3}}))
			p.Events(0).Business(ctx, "paid", zap.Int("a", 1), zap.Int("b", 2), zap.Int("a", 3))
			slog.New(p.SlogHandler()).Info("m", slog.Group("n", twice...))
			slog.New(p.SlogHandler()).WithGroup("n").With(twice...).Info("m", twice...)
		}) {
			if _, err := jsonline.Decode(line); err != nil || !strings.Contains(line, `"a":3`) && !strings.Contains(line, `"a\ufffd":3`) || strings.Contains(line, `"a":1`) {
				t.Errorf("%v in %s", err, line)
			}
		}
	})
	t.Run("a key of a nested namespace is not that of its object", func(t *testing.T) {
		line, _ := loggedOne(t, func(p *zaplog.Pipeline) {
			p.Logger().Info("m", zap.Dict("n", zap.Int("a", 1), zap.Namespace("inner"), zap.Int("a", 2)))
		})
		if !strings.Contains(line, `"n":{"a":1,"inner":{"a":2}}`) {
			t.Errorf("got %s", line)
		}
	})
	t.Run("an empty namespace is left out", func(t *testing.T) {
		_, got := loggedOne(t, func(p *zaplog.Pipeline) { p.Logger().Info("m", zap.Namespace("n")) })
		if _, ok := got["n"]; ok {
			t.Errorf("got %v", got)
		}
	})
}

func TestWithEvaluatesAtOnce(t *testing.T) {
	labels := map[string]string{"a": "before"}
	_, got := loggedOne(t, func(p *zaplog.Pipeline) {
		log := p.Logger().With(zap.Any("labels", labels), zap.Inline(zap.DictObject(zap.Any("inlined", labels))), zap.String("token", "s3cret"))
		labels["a"] = "after"
		log.Info("m")
	})
	want := map[string]any{"a": "before"}
	if diff := cmp.Diff([]any{want, want, "[REDACTED]"}, []any{got["labels"], got["inlined"], got["token"]}); diff != "" {
		t.Error(diff)
	}
}

func TestLoggersDoNotShareFields(t *testing.T) {
	lines := logged(t, func(p *zaplog.Pipeline) {
		parent := p.Logger().With(zap.Int("a", 1))
		one, two := parent.With(zap.Int("b", 2)), parent.With(zap.Int("c", 3))
		one.Info("one")
		two.Info("two")
		parent.Info("parent")
	})
	var got []bool
	for _, line := range lines {
		got = append(got, strings.Contains(line, `"a":1`), strings.Contains(line, `"b":2`), strings.Contains(line, `"c":3`))
	}
	if want := []bool{true, true, false, true, false, true, true, false, false}; !slices.Equal(got, want) {
		t.Errorf("got %q", lines)
	}
}

func TestLevels(t *testing.T) {
	for _, tc := range []struct {
		level string
		want  zapcore.Level
		err   string
	}{
		{"", zap.InfoLevel, ""},
		{"DEBUG", zap.DebugLevel, ""},
		{"warn", zap.WarnLevel, ""},
		{"Error", zap.ErrorLevel, ""},
		{"loud", 0, `read log configuration: level is "loud", allowed are debug, info, warn and error`},
		{"fatal", 0, `read log configuration: level is "fatal", allowed are debug, info, warn and error`},
	} {
		t.Run(tc.level, func(t *testing.T) {
			p, err := zaplog.New(zaplog.Config{Level: tc.level}, &sink{})
			if fmt.Sprint(err) != tc.err && (err != nil || tc.err != "") {
				t.Fatalf("got error %v, want %v", err, tc.err)
			}
			if err == nil {
				defer p.Shutdown(t.Context())
				if got := p.Level().Level(); got != tc.want {
					t.Errorf("got %v, want %v", got, tc.want)
				}
			}
		})
	}
	t.Run("changes at run time, for every way in", func(t *testing.T) {
		lines := logged(t, func(p *zaplog.Pipeline) {
			p.Level().SetLevel(zap.ErrorLevel)
			p.Logger().Warn("m")
			slog.New(p.SlogHandler()).Warn("m")
			p.Events(0).Request(t.Context(), access)
			p.Events(0).Business(t.Context(), "b")
			p.Logger().Error("m")
		})
		if len(lines) != 1 {
			t.Errorf("got %q", lines)
		}
	})
}

func TestStackIsAField(t *testing.T) {
	_, got := loggedOne(t, func(p *zaplog.Pipeline) {
		p.Logger().WithOptions(zap.AddStacktrace(zap.ErrorLevel)).Error("m")
	})
	if stack, _ := got["stack"].(string); !strings.Contains(stack, "TestStackIsAField") {
		t.Errorf("got %v", got)
	}
}
