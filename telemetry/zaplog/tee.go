package zaplog

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"sync/atomic"

	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// tee is shared by all cores of a pipeline.
type tee struct{ atomic.Pointer[zapcore.Core] }

// Tee sends every line to second as well, until undo is called or the pipeline
// is shut down. There is one such core at a time: a later one takes the place
// of an earlier one, and zapcore.NewTee makes one of several.
//
// The core gets the entry, its message redacted and cut as on the line, and the
// line's fields likewise, as they were renamed: strings, numbers, booleans,
// namespaces, and as maps and slices what is nested. In these a float without
// decimals is an integer. Left out are app, environment and version, which are
// the resource's, and trace_id and span_id: a Context field that holds nothing
// but the span's identity stands for them. What the queue drops reaches the
// core all the same.
//
// The core runs in the goroutine that logs: it must not block, and not log
// through this pipeline other than with LocalLogger or WithoutTee. If it panics
// its record is lost. A line that is just being written may still reach it
// after undo.
func (p *Pipeline) Tee(second zapcore.Core) (undo func()) {
	p.tee.Store(&second)
	return func() { p.tee.CompareAndSwap(&second, nil) }
}

// LocalLogger returns the logger tutorflow.telemetry, whose lines never go to
// the core of Tee. The part of the program that such a core leads to logs with
// it, lest a line about a failed export cause the next one.
func (p *Pipeline) LocalLogger() *zap.Logger {
	local := *p.core
	local.local = true
	return p.logger.WithOptions(zap.WrapCore(func(zapcore.Core) zapcore.Core { return &local })).Named("telemetry")
}

type withoutTeeKey struct{}

// WithoutTee returns a context whose lines do not go to the core of Tee, for
// code that an exporter runs while it exports.
func WithoutTee(ctx context.Context) context.Context {
	return context.WithValue(ctx, withoutTeeKey{}, true)
}

func withoutTee(ctx context.Context) (marked bool) {
	if ctx == nil {
		return false
	}
	defer func() { _ = recover() }() // a context of a stranger's make
	return ctx.Value(withoutTeeKey{}) != nil
}

// send hands the finished line in e to second.
func (c *core) send(ctx context.Context, second zapcore.Core, ent zapcore.Entry, e *encoder) {
	defer func() { _ = recover() }()
	if c.local || withoutTee(ctx) {
		return
	}
	ent.LoggerName = unquote(e.buf[e.logger[0]:e.logger[1]])
	ent.Message = unquote(e.buf[e.message[0]:e.message[1]])
	ent.Stack = "" // is a field, redacted
	if ent.Caller.Function == "" {
		ent.Caller = zapcore.EntryCaller{}
	}
	if ce := second.Check(ent, nil); ce != nil {
		ce.Write(e.fields()...)
	}
}

// fields reads the line back, so that it cannot say less or more elsewhere.
func (e *encoder) fields() []zapcore.Field {
	fields := make([]zapcore.Field, 0, len(e.members)+2)
	if e.span.IsValid() {
		fields = append(fields, Context(trace.ContextWithSpanContext(context.Background(), e.span)))
	}
	if e.cut {
		fields = append(fields, zap.Bool("truncated", true))
	}
	for i, m := range e.members {
		end := e.end
		if i+1 < len(e.members) {
			end = e.members[i+1].start
		}
		if m.kind != identity {
			fields = append(fields, m.field(e.buf[m.value:end]))
		}
	}
	return fields
}

// field returns the member with its value as zap knows it.
func (m member) field(value []byte) zapcore.Field {
	switch {
	case m.kind == namespace:
		return zap.Namespace(m.key)
	case value[0] == '"':
		return zap.String(m.key, unquote(value))
	case m.kind == float:
		f, _ := strconv.ParseFloat(string(value), 64)
		return zap.Float64(m.key, f)
	case value[0] == '-' || value[0] >= '0' && value[0] <= '9':
		return zap.Any(m.key, plain(json.Number(value)))
	}
	dec := json.NewDecoder(bytes.NewReader(value))
	dec.UseNumber()
	var v any
	_ = dec.Decode(&v) // it is valid, and not deep
	return zap.Any(m.key, plain(v))
}

// plain gives the numbers in v their type.
func plain(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		if f, err := v.Float64(); err == nil {
			return f
		}
		return v.String()
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = plain(v[k])
		}
	}
	return v
}

// unquote returns the string that appendQuoted wrote.
func unquote(quoted []byte) (s string) {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1 : len(quoted)-1])
	}
	_ = json.Unmarshal(quoted, &s) // it is valid
	return s
}
