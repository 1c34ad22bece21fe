package zaplog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tutorflow/observability/telemetry/zaplog"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

type badStringer struct{}

func (*badStringer) String() string { panic("no string") }

type badError struct{ text *string }

func (e *badError) Error() string { return *e.text }

type cyclic struct{ Self *cyclic }

type cyclicObject struct{}

func (c cyclicObject) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	return enc.AddObject("self", c)
}

type halfObject struct{}

func (halfObject) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	enc.AddString("first", "one")
	enc.OpenNamespace("ns")
	_ = enc.AddArray("list", zapcore.ArrayMarshalerFunc(func(a zapcore.ArrayEncoder) error {
		a.AppendInt(1)
		panic("in the middle")
	}))
	return nil
}

// badMarshaler panics whoever asks it for what it is.
type badMarshaler struct{}

func (badMarshaler) MarshalJSON() ([]byte, error) { panic("no JSON") }

type badText struct{}

func (badText) MarshalText() ([]byte, error) { panic("no text") }

func badArray(enc zapcore.ArrayEncoder) error {
	enc.AppendInt(1)
	panic("no array")
}

type failingObject struct{}

func (failingObject) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	enc.AddInt("n", 1)
	return errors.New("gave up")
}

func TestHostileValuesKeepTheLine(t *testing.T) {
	loop := &cyclic{}
	loop.Self = loop
	for _, tc := range []struct {
		name  string
		field zap.Field
		want  map[string]any
	}{
		{"a nil Stringer", zap.Stringer("k", (*badStringer)(nil)), map[string]any{"k": "<nil>"}},
		{"a panicking Stringer", zap.Stringer("k", &badStringer{}), map[string]any{"kError": "PANIC=no string"}},
		{"a nil error of a type", zap.Error((*badError)(nil)), map[string]any{"error": "<nil>"}},
		{"a panicking error", zap.Error(&badError{}), map[string]any{"errorError": "PANIC=runtime error: invalid memory address or nil pointer dereference"}},
		{"not a number", zap.Float64("k", math.NaN()), map[string]any{"k": "NaN"}},
		{"infinity", zap.Float32("k", float32(math.Inf(-1))), map[string]any{"k": "-Inf"}},
		{"a large number", zap.Float64("k", 1e300), map[string]any{"k": 1e300}},
		{"a complex number", zap.Complex128("k", complex(1, -2)), map[string]any{"k": "(1-2i)"}},
		{"a channel", zap.Any("k", make(chan int)), map[string]any{"kError": "json: unsupported type: chan int"}},
		{"a struct that contains itself", zap.Any("k", loop), nil},
		{"an object that contains itself", zap.Object("k", cyclicObject{}), nil},
		{"an object that panics half-way", zap.Object("k", halfObject{}), map[string]any{"kError": "PANIC=in the middle"}},
		{"an inlined object that panics half-way", zap.Inline(halfObject{}), map[string]any{"first": "one", "ns": map[string]any{"Error": "PANIC=in the middle", "after": 1.0}}},
		{"an array that panics half-way", zap.Array("k", zapcore.ArrayMarshalerFunc(badArray)), map[string]any{"kError": "PANIC=no array"}},
		{"a panic in JSON", zap.Any("k", badMarshaler{}), map[string]any{"kError": "PANIC=no JSON"}},
		{"a panic in JSON, deep inside", zap.Any("k", map[string][]any{"a": {badMarshaler{}}}), map[string]any{"kError": "PANIC=no JSON"}},
		{"a panic in a text", zap.Any("k", struct{ T badText }{}), map[string]any{"kError": "PANIC=no text"}},
		{"a panic in a joined error", zap.Error(errors.Join(errors.New("a"), &badError{})), map[string]any{"errorError": "PANIC=runtime error: invalid memory address or nil pointer dereference"}},
		{"a panic in an object of objects", zap.Dict("k", zap.Int("a", 1), zap.Dict("inner", zap.Object("o", halfObject{}))), map[string]any{"kError": "PANIC=in the middle"}},
		{"an object that fails", zap.Object("k", failingObject{}), map[string]any{"k": map[string]any{"n": 1.0}, "kError": "gave up"}},
		{"a nil object", zap.Object("k", nil), nil},
		{"a field of no type", zap.Field{Key: "k"}, map[string]any{"k": "unknown field type"}},
		{"a field of the wrong type", zap.Field{Key: "k", Type: zapcore.ErrorType, Interface: 7}, nil},
		{"nil", zap.Any("k", nil), map[string]any{"k": nil}},
		{"bytes", zap.Binary("k", []byte{0, 255}), map[string]any{"k": "AP8="}},
		{"numbers in an array", zap.Ints("k", []int{1, 2}), map[string]any{"k": []any{1.0, 2.0}}},
		{"errors", zap.Errors("k", []error{errors.New("a"), errors.New("b")}), map[string]any{"k": []any{map[string]any{"error": "a"}, map[string]any{"error": "b"}}}},
	} {
		for place, log := range map[string]func(*zap.Logger){
			"in the call": func(l *zap.Logger) { l.Info("m", tc.field, zap.Int("after", 1)) },
			"in With":     func(l *zap.Logger) { l.With(tc.field).Info("m", zap.Int("after", 1)) },
		} {
			t.Run(tc.name+" "+place, func(t *testing.T) {
				line, got := loggedOne(t, func(p *zaplog.Pipeline) { log(p.Logger()) })
				if got["after"] != 1.0 && !strings.Contains(line, `"after":1`) {
					t.Errorf("the next field is missing: %s", line)
				}
				for key, want := range tc.want {
					if diff := cmp.Diff(want, got[key]); diff != "" {
						t.Errorf("%s: %s in %s", key, diff, line)
					}
				}
			})
		}
	}
}

// valuer is a value of log/slog that says what it is when it is asked.
type valuer func() slog.Value

func (v valuer) LogValue() slog.Value { return v() }

func TestHostileValuesOfSlogKeepTheLine(t *testing.T) {
	var loop valuer
	loop = func() slog.Value { return slog.AnyValue(loop) }
	for name, value := range map[string]any{
		"a panic":                     valuer(func() slog.Value { panic("no") }),
		"no valuer":                   valuer(nil),
		"one that is itself":          loop,
		"a group that panics in JSON": slog.GroupValue(slog.Any("a", badMarshaler{})),
		"a panicking error":           &badError{},
		"a channel":                   make(chan int),
		"not a number":                math.NaN(),
		"a source":                    &slog.Source{File: "a"},
		"nil":                         nil,
	} {
		for place, log := range map[string]func(*slog.Logger){
			"in the call": func(l *slog.Logger) { l.Info("m", "k", value, "after", 1) },
			"in With":     func(l *slog.Logger) { l.With("k", value).Info("m", "after", 1) },
			"in a group":  func(l *slog.Logger) { l.Info("m", slog.Group("g", "k", value), "after", 1) },
		} {
			t.Run(name+" "+place, func(t *testing.T) {
				line, got := loggedOne(t, func(p *zaplog.Pipeline) { log(slog.New(p.SlogHandler())) })
				if got["after"] != 1.0 || len(line) > 4<<10 {
					t.Errorf("got %s", line)
				}
			})
		}
	}
}

func manyKeys(n int) map[string]int {
	all := make(map[string]int)
	for i := range n {
		all[fmt.Sprint("key", i)] = i
	}
	return all
}

// deep is a list in a list, n times.
func deep(n int) (list any) {
	for range n {
		list = []any{list}
	}
	return list
}

func wrappedTimes(err error, n int) error {
	for range n {
		err = fmt.Errorf("e: %w", err)
	}
	return err
}

func TestLongValuesAreCut(t *testing.T) {
	long := strings.Repeat("가", 1<<20) // three bytes each
	var texts []string
	for range 100 {
		texts = append(texts, long[:9000])
	}
	for _, tc := range []struct {
		name  string
		field zap.Field
	}{
		{"a string", zap.String("k", long)},
		{"bytes", zap.ByteString("k", []byte(long))},
		{"binary", zap.Binary("k", []byte(long))},
		{"an error", zap.NamedError("k", errors.New(long))},
		{"a Stringer", zap.Stringer("k", time.FixedZone(long, 0))},
		{"a list", zap.Strings("k", texts)},
		{"a struct", zap.Any("k", struct{ Text string }{long})},
		{"a large map", zap.Any("k", map[string][]string{"a": texts})},
		{"a long array", zap.Ints("k", make([]int, 1<<20))},
		{"a long list", zap.Strings("k", make([]string, 1_000_000))},
		{"a long array of any type", zap.Any("k", make([]any, 1_000_000))},
		{"a large object", zap.Any("k", manyKeys(5000))},
		{"what is deep", zap.Any("k", deep(12_000))},
		{"an error of an error of an error", zap.NamedError("k", wrappedTimes(errors.New("e"), 12_000))},
		{"control characters", zap.String("k", strings.Repeat("\x01", 1<<20))},
	} {
		t.Run(tc.name, func(t *testing.T) {
			line, got := loggedOne(t, func(p *zaplog.Pipeline) {
				p.Logger().Info("m", zap.Int("before", 1), tc.field, zap.Int("after", 2))
			})
			if len(line) >= 64<<10 || got["truncated"] != true || got["before"] != 1.0 || got["after"] != 2.0 {
				t.Errorf("%d bytes: %.200s … %s", len(line), line, line[len(line)-60:])
			}
			if s, ok := got["k"].(string); ok && (len(s) > 8<<10 || !strings.HasSuffix(s, "[truncated]") && s != "[TRUNCATED]" || strings.Contains(s, "\uFFFD")) {
				t.Errorf("got %d bytes ending in %q", len(s), s[len(s)-20:])
			}
		})
	}
	t.Run("many fields", func(t *testing.T) {
		line, got := loggedOne(t, func(p *zaplog.Pipeline) {
			var fields []zap.Field
			for i := range 5000 {
				fields = append(fields, zap.String(fmt.Sprint("key", i), long[:300]))
			}
			p.Logger().Info("m", fields...)
		})
		if len(line) >= 64<<10 || got["truncated"] != true || got["key0"] == nil || got["key4999"] != nil {
			t.Errorf("%d bytes", len(line))
		}
	})
	t.Run("the message", func(t *testing.T) {
		_, got := loggedOne(t, func(p *zaplog.Pipeline) { p.Logger().Info(long) })
		if len(got["message"].(string)) > 8<<10 {
			t.Errorf("got %d bytes", len(got["message"].(string)))
		}
	})
	t.Run("an access line", func(t *testing.T) {
		line, _ := loggedOne(t, func(p *zaplog.Pipeline) {
			ctx := zaplog.WithUser(zaplog.WithRequestID(context.Background(), long), long)
			p.Events(0).Request(ctx, zaplog.RequestEvent{Method: long, Path: long, Route: long})
		})
		if len(line) > 4<<10 {
			t.Errorf("got %d bytes", len(line))
		}
	})
}
