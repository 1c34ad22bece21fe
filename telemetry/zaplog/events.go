package zaplog

import (
	"context"
	"strconv"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// Events writes the four kinds of event that every service of TutorFlow logs
// in the same form. Get it from Pipeline.Events once and keep it. Its methods
// are safe for concurrent use.
type Events struct {
	core     *core
	clock    zapcore.Clock
	volume   *volume
	failure  *zap.Logger
	panicked *zap.Logger
	business *zap.Logger
	external *zap.Logger
}

// Events returns the event methods of p. Their module, function and line are
// those of the caller, or with skip > 0 of the caller that many frames further
// out, for packages that wrap them.
func (p *Pipeline) Events(skip int) *Events {
	logger := p.logger.WithOptions(zap.AddCallerSkip(1 + skip))
	return &Events{
		core:     p.core,
		clock:    p.clock,
		volume:   p.volume,
		failure:  logger.Named("error"),
		panicked: logger.Named("error").WithOptions(zap.WithCaller(false)),
		business: logger.Named("business"),
		external: logger.Named("external").WithOptions(zap.WithCaller(false)),
	}
}

// A RequestEvent is a served HTTP request. Its strings may come from a
// stranger.
type RequestEvent struct {
	Method   string        // cut to 32 bytes
	Path     string        // without the query, cut to 1024 bytes
	Route    string        // the route's template, cut to 1024 bytes
	Status   int           // the response's status
	Duration time.Duration // written in milliseconds, to the microsecond
}

// Request logs a served request to tutorflow.request: with status 500 and above
// at ERROR, otherwise at INFO, so that a stranger who provokes 404s cannot fill
// the part of the queue that is kept for warnings and errors.
//
// Of requests with a status from 400 to 499, of which strangers can send any
// number, 1000 lines of each route are written at once and 100 a second after
// that. The others are counted, see Pipeline.Dropped, and summed up every ten
// seconds by the line "HTTP requests not logged", with http_route,
// http_status_class and lines_dropped.
func (ev *Events) Request(ctx context.Context, r RequestEvent) {
	level := zapcore.InfoLevel
	if r.Status >= 500 {
		level = zapcore.ErrorLevel
	}
	if !ev.core.levels.enabled(requestName, level) {
		return
	}
	now := ev.clock.Now()
	if r.Status >= 400 && r.Status < 500 && !ev.volume.admit(r.Route, now) {
		ev.core.queue.dropped[dropRateLimited].Add(1)
		return
	}
	// Straight into the encoder: this line is written for every request.
	e := newEncoder()
	e.head(now, level, requestName, "HTTP request")
	e.buf = append(e.buf, ev.core.service...)
	e.context(ctx)
	e.standard("http_method", ordinary)
	e.buf = appendQuoted(e.buf, cut(r.Method, 32))
	e.standard("http_path", ordinary)
	e.buf = appendQuoted(e.buf, mask(cut(r.Path, 1024), false))
	e.standard("http_route", ordinary)
	e.buf = appendQuoted(e.buf, cut(r.Route, maxRoute))
	e.standard("http_status", ordinary)
	e.buf = strconv.AppendInt(e.buf, int64(r.Status), 10)
	e.standard("duration_ms", ordinary)
	e.buf = appendMillis(e.buf, r.Duration)
	e.finish()
	ev.core.queue.add(e.buf, level >= zapcore.WarnLevel)
	if second := ev.core.tee.Load(); second != nil {
		ev.core.send(ctx, *second, zapcore.Entry{Time: now, Level: level}, e)
	}
	e.free()
}

// Error logs err to tutorflow.error at ERROR, with fields such as error_type
// and endpoint. A nil err is no event.
func (ev *Events) Error(ctx context.Context, err error, fields ...zap.Field) {
	if err == nil {
		return
	}
	if ce := ev.failure.Check(zapcore.ErrorLevel, "error"); ce != nil {
		ce.Write(append([]zap.Field{Context(ctx), zap.Error(err)}, fields...)...)
	}
}

// Panic logs a panic like Error. It is called by the deferred function that
// recovered; the caller fields are those of the function that panicked.
func (ev *Events) Panic(ctx context.Context, err error, fields ...zap.Field) {
	if ce := ev.panicked.Check(zapcore.ErrorLevel, "panic"); ce != nil {
		ce.Caller = panicSite()
		ce.Write(append([]zap.Field{Context(ctx), zap.Error(err)}, fields...)...)
	}
}

// Business logs a business event to tutorflow.business at INFO: event_type, and
// data as the object event_data. The user is that of ctx.
func (ev *Events) Business(ctx context.Context, eventType string, data ...zap.Field) {
	if ce := ev.business.Check(zapcore.InfoLevel, "business event"); ce != nil {
		ce.Write(Context(ctx), zap.String("event_type", eventType), zap.Dict("event_data", data...))
	}
}

// An ExternalEvent is a call of another service.
type ExternalEvent struct {
	Service, Operation string
	Status             string // success, error, timeout or canceled
	HTTPStatus         int    // left out if 0
	Duration           time.Duration
	Err                error // left out if nil
}

// External logs a call to tutorflow.external: at INFO if its status is success
// and it has no error, otherwise at WARN. The caller fields are those of the
// program's function that made the call, however deep below it a transport saw
// it.
func (ev *Events) External(ctx context.Context, call ExternalEvent) {
	level := zapcore.InfoLevel
	if call.Err != nil || call.Status != "success" {
		level = zapcore.WarnLevel
	}
	if ce := ev.external.Check(level, "external call"); ce != nil {
		ce.Caller = callSite()
		answered := zap.Skip()
		if call.HTTPStatus != 0 {
			answered = zap.Int("http_status", call.HTTPStatus)
		}
		ce.Write(Context(ctx), zap.String("service", call.Service), zap.String("operation", call.Operation),
			zap.String("status", call.Status), answered, zap.Float64("duration_ms", millis(call.Duration)), zap.Error(call.Err))
	}
}
