package telemetry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"go.uber.org/zap"

	"github.com/tutorflow/observability/telemetry/config"
	"github.com/tutorflow/observability/telemetry/internal/ratelimit"
	"github.com/tutorflow/observability/telemetry/internal/switches"
	"github.com/tutorflow/observability/telemetry/zaplog"
)

var errPanic = errors.New("handler panicked")

func typeName(v any) string { return fmt.Sprintf("%T", v) }

func (t *Telemetry) openLog() error {
	w := t.options.log
	var close func() error
	if w == nil {
		stdout, err := zaplog.Stdout()
		if err != nil {
			return fmt.Errorf("open log: %w", err)
		}
		w, close = stdout, stdout.Close
	} else {
		// The pipeline closes what it can; this one is the caller's.
		w = struct{ io.Writer }{w}
	}
	pipeline, err := zaplog.New(zaplog.Config{
		Level: t.config.Logs.Level, App: t.config.Service.Name,
		Environment: t.config.Service.Environment, Version: t.config.Service.Version,
	}, w, zaplog.WithLevelHook(t.levelChanged))
	if err != nil {
		if close != nil {
			err = errors.Join(err, close())
		}
		return fmt.Errorf("open log: %w", err)
	}
	t.log = pipeline
	t.events = pipeline.Events(1)
	t.switches = switches.New(t.metricExpired)
	t.errors = ratelimit.New(func(err error, heldBack int64) {
		// Not over OTLP, which may be what failed.
		pipeline.LocalLogger().Warn("telemetry failed", zap.Error(err), zap.Int64("held_back", heldBack))
	})
	return nil
}

// tellConfiguration logs what is in effect and what looks wrong about it.
func (t *Telemetry) tellConfiguration(notes []config.Note) {
	log := t.log.LocalLogger()
	for _, note := range notes {
		log.Warn("telemetry setting refused", zap.String("reason", note.Reason), zap.String("consequence", note.Consequence))
	}
	for _, warning := range t.loaded.Warnings() {
		log.Warn("telemetry setting looks wrong", zap.String("reason", warning))
	}
	log.Info("telemetry started", zap.String("configuration", t.loaded.String()))
	if ce := log.Check(zap.DebugLevel, "telemetry configuration"); ce != nil {
		var all []zap.Field
		for _, v := range t.loaded.Values() {
			all = append(all, zap.String(v.Key, v.Text+" ("+v.Source+")"))
		}
		ce.Write(zap.Dict("settings", all...))
	}
}

// Logger returns the logger of the service. In a request, Log gives one whose
// lines carry the request's identity.
func (t *Telemetry) Logger() *zap.Logger { return t.log.Logger() }

// Flush waits until the log lines of before the call are written, or until ctx
// ends.
func (t *Telemetry) Flush(ctx context.Context) error { return t.log.Flush(ctx) }

// Level returns the lowest level that is written, to read or to change.
func (t *Telemetry) Level() zap.AtomicLevel { return t.log.Level() }

// SlogHandler returns a handler that writes what log/slog logs to the same
// pipeline. After Init it is that of slog.Default.
func (t *Telemetry) SlogHandler() slog.Handler { return t.log.SlogHandler() }

// Log returns the logger for work done on behalf of ctx: its lines carry
// request_id, trace_id, span_id and user_id as far as ctx knows them. Outside a
// request it is zap.L, which Init sets.
func Log(ctx context.Context) *zap.Logger { return zaplog.FromContext(ctx) }

// WithUser names the user on whose behalf the request in ctx runs, for all its
// lines from now on, the access log's included. The id is the program's own
// name for a user, never a secret.
func WithUser(ctx context.Context, id string) context.Context { return zaplog.WithUser(ctx, id) }

// RequestID returns the identity of the request in ctx, or "".
func RequestID(ctx context.Context) string { return zaplog.RequestID(ctx) }

// Event writes a line about something that happened in the business to the log
// "tutorflow.business", with eventType in event_type and data in event_data.
func (t *Telemetry) Event(ctx context.Context, eventType string, data ...zap.Field) {
	t.events.Business(ctx, eventType, data...)
}
