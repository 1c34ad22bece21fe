package zaplog

import (
	"context"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap/zapcore"
)

// head begins a line.
func (e *encoder) head(t time.Time, level zapcore.Level, logger, message string) {
	e.buf = append(e.buf, `{"timestamp":`...)
	e.buf = appendTime(e.buf, t)
	switch {
	case level >= zapcore.ErrorLevel:
		e.buf = append(e.buf, `,"level":"ERROR","logger":`...)
	case level == zapcore.WarnLevel:
		e.buf = append(e.buf, `,"level":"WARN","logger":`...)
	case level == zapcore.InfoLevel:
		e.buf = append(e.buf, `,"level":"INFO","logger":`...)
	default:
		e.buf = append(e.buf, `,"level":"DEBUG","logger":`...)
	}
	if logger == "" {
		logger = rootName
	}
	e.logger[0] = len(e.buf)
	e.buf = appendQuoted(e.buf, cut(logger, 256))
	e.logger[1] = len(e.buf)
	e.buf = append(e.buf, `,"message":`...)
	e.message[0] = len(e.buf)
	e.text(message)
	e.message[1] = len(e.buf)
}

func (e *encoder) caller(c *zapcore.EntryCaller) {
	if !c.Defined || c.Function == "" {
		return
	}
	module, function := splitFunction(c.Function)
	e.buf = append(e.buf, `,"module":`...)
	e.buf = appendQuoted(e.buf, cut(module, 512))
	e.buf = append(e.buf, `,"function":`...)
	e.buf = appendQuoted(e.buf, cut(function, 512))
	e.buf = append(e.buf, `,"line":`...)
	e.buf = strconv.AppendInt(e.buf, int64(c.Line), 10)
}

// splitFunction splits a function's full name behind its package's path, in
// which the linker writes a dot of the last element as %2e.
func splitFunction(full string) (module, function string) {
	slash := strings.LastIndexByte(full, '/')
	if bracket := strings.IndexByte(full, '['); bracket >= 0 && slash > bracket {
		slash = strings.LastIndexByte(full[:bracket], '/') // a type argument's path
	}
	module, function, _ = strings.Cut(full[slash+1:], ".")
	module = full[:slash+1] + module
	if strings.IndexByte(module, '%') >= 0 {
		if path, err := url.PathUnescape(module); err == nil {
			module = path
		}
	}
	return module, function
}

// context writes what ctx says about the request, leaving out what it does not
// know.
func (e *encoder) context(ctx context.Context) {
	if ctx == nil {
		return
	}
	start, members := len(e.buf), len(e.members)
	defer func() {
		if recover() != nil { // a context of a stranger's make
			e.buf, e.members, e.span = e.buf[:start], e.members[:members], trace.SpanContext{}
		}
	}()
	request, _ := ctx.Value(RequestKey{}).(Request)
	if request != nil {
		e.id("request_id", request.RequestID())
	}
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		trace, id := span.TraceID(), span.SpanID()
		e.span = span
		e.standard("trace_id", identity)
		e.buf = append(e.buf, '"')
		e.buf = hex.AppendEncode(e.buf, trace[:])
		e.buf = append(e.buf, '"')
		e.standard("span_id", identity)
		e.buf = append(e.buf, '"')
		e.buf = hex.AppendEncode(e.buf, id[:])
		e.buf = append(e.buf, '"')
	}
	if request != nil {
		e.id("user_id", request.UserID())
	}
}

func (e *encoder) id(key, id string) {
	if id != "" {
		e.standard(key, ordinary)
		e.buf = appendQuoted(e.buf, cut(id, maxID))
	}
}
