package zaplog

import (
	"context"
	"sync/atomic"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// RequestKey is the key under which a context answers with the Request that it
// belongs to. A middleware with a context type of its own answers it from its
// Value method and needs no context.WithValue.
type RequestKey struct{}

// LoggerKey is the key under which a context answers with its *zap.Logger.
type LoggerKey struct{}

// A Request is the state of one request that log lines show. It is shared by
// all contexts of the request, so that the user whom a handler finds out is
// also on the access log line written after the handler has returned. Its
// methods must be safe for concurrent use.
type Request interface {
	// RequestID returns the value of request_id, or "".
	RequestID() string
	// UserID returns the value of user_id, or "".
	UserID() string
	// SetUserID sets the value of user_id for all lines to come.
	SetUserID(id string)
}

// WithRequestID returns a context whose lines carry id as request_id, for work
// that does not come from an HTTP request. The id is cut to 128 bytes of valid
// UTF-8. The user of ctx is taken over; one set later is not shared with ctx.
func WithRequestID(ctx context.Context, id string) context.Context {
	r := &request{id: cleanID(id)}
	r.SetUserID(User(ctx))
	return context.WithValue(ctx, RequestKey{}, r)
}

// RequestID returns the request id of ctx, or "".
func RequestID(ctx context.Context) string {
	if r := requestOf(ctx); r != nil {
		return r.RequestID()
	}
	return ""
}

// WithUser sets the user on whose behalf the request of ctx is served, the
// user_id of its lines, cut to 128 bytes of valid UTF-8. Within a request it
// applies to all of it, the access log line included, and returns ctx itself;
// elsewhere it returns a new context.
func WithUser(ctx context.Context, id string) context.Context {
	r := requestOf(ctx)
	if r == nil {
		r = &request{}
		ctx = context.WithValue(ctx, RequestKey{}, r)
	}
	r.SetUserID(cleanID(id))
	return ctx
}

// User returns the user id of ctx, or "".
func User(ctx context.Context) string {
	if r := requestOf(ctx); r != nil {
		return r.UserID()
	}
	return ""
}

// IntoContext returns a context that carries logger for FromContext.
func IntoContext(ctx context.Context, logger *zap.Logger) context.Context {
	return context.WithValue(ctx, LoggerKey{}, logger)
}

// FromContext returns the logger of ctx, or zap's global one if it carries
// none, with the field Context(ctx). It is never nil.
func FromContext(ctx context.Context) *zap.Logger {
	if ctx == nil {
		return zap.L()
	}
	logger, _ := ctx.Value(LoggerKey{}).(*zap.Logger)
	if logger == nil {
		logger = zap.L()
	}
	return logger.With(Context(ctx))
}

// Context returns a field that puts request_id, trace_id, span_id and user_id
// of ctx on the line, whatever namespace is open. The last one given wins. The
// ids are read when the line is written. Other cores than this package's ignore
// the field.
func Context(ctx context.Context) zap.Field {
	return zap.Field{Type: zapcore.SkipType, Interface: ctx}
}

// contextOf returns the context that a field carries: one of Context, or one
// that somebody passed to zap.Any, which would print its values otherwise.
func contextOf(f *zapcore.Field) context.Context {
	switch f.Type {
	case zapcore.SkipType, zapcore.ReflectType, zapcore.StringerType:
		ctx, _ := f.Interface.(context.Context)
		return ctx
	}
	return nil
}

func requestOf(ctx context.Context) Request {
	if ctx == nil {
		return nil
	}
	r, _ := ctx.Value(RequestKey{}).(Request)
	return r
}

// request is the Request of contexts that no middleware made.
type request struct {
	id   string
	user atomic.Pointer[string]
}

func (r *request) RequestID() string { return r.id }

func (r *request) UserID() string {
	if id := r.user.Load(); id != nil {
		return *id
	}
	return ""
}

func (r *request) SetUserID(id string) { r.user.Store(&id) }

func cleanID(id string) string { return cut(toValid(cut(id, maxID)), maxID) }
