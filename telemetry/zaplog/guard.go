package zaplog

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"

	"go.uber.org/zap/zapcore"
)

// add writes a field. Only code of the caller's can panic, so that only fields
// that run some are guarded.
func (e *encoder) add(f *zapcore.Field) {
	switch f.Type {
	case zapcore.StringType:
		e.AddString(f.Key, f.String)
	case zapcore.Int64Type:
		e.AddInt64(f.Key, f.Integer)
	case zapcore.SkipType:
	default:
		if contextOf(f) == nil {
			e.guarded(f)
		}
	}
}

// guarded adds a field whose value brings code of its own. A panic in it costs
// the field, not the line.
func (e *encoder) guarded(f *zapcore.Field) {
	started := e.started
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		if e.depth > 0 {
			e.depth = 0
			e.restore(e.outer)
		}
		if last := len(e.members) - 1; e.started != started && last >= e.scope {
			e.remove(last) // it is half written
		}
		if v := reflect.ValueOf(f.Interface); v.Kind() == reflect.Pointer && v.IsNil() {
			e.AddString(f.Key, "<nil>")
			return
		}
		e.AddString(f.Key+"Error", fmt.Sprintf("PANIC=%v", r))
	}()
	switch v := f.Interface.(type) {
	case *url.URL:
		if e.key(f.Key) {
			e.text(cleanURL(v))
		}
		return
	case *http.Cookie:
		if e.key(f.Key) {
			e.text(redacted)
		}
		return
	case error:
		if f.Type == zapcore.ErrorType || f.Type == zapcore.StringerType {
			if text := textOf(v); e.key(f.Key) {
				e.errorText(text)
			}
			return
		}
	}
	if f.Type == zapcore.UnknownType || f.Type > zapcore.InlineMarshalerType {
		e.AddString(f.Key, "unknown field type")
		return
	}
	f.AddTo(e)
}
