package zaplog_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/tutorflow/observability/telemetry/zaplog"
)

// FuzzLine has strangers choose every text that there is: each line is one JSON
// object without a key twice, in which the standard fields are still those of
// the service, and nothing that a terminal obeys.
func FuzzLine(f *testing.F) {
	f.Add("message", "key", "value", "tutorflow")
	f.Add("a\nb\u2028", "level", "\x00\xff\"\\", "\x1b[31m")
	f.Add("postgres://u:p@h", "password", "token=abc&x=\"y", "")
	f.Add("Authorization: Bearer x", "errorVerbose", `{"secret":"`, "k")
	f.Add("timestamp", "field.level", "a\xff", "a\xfe")
	f.Add("eyJ.", "u:p@tcp(", "password='", "[")
	f.Fuzz(func(t *testing.T, message, key, value, other string) {
		ctx := zaplog.WithUser(zaplog.WithRequestID(context.Background(), value), other)
		ways := map[string]func(p *zaplog.Pipeline){
			"zap": func(p *zaplog.Pipeline) {
				p.Logger().Named(other).With(zap.String(other, value)).Info(message,
					zaplog.Context(ctx), zap.String(key, value), zap.ByteString(value, []byte(key)), zap.NamedError(message, errors.New(value)),
					zap.Any(other+"m", map[string]string{key: value, value: message}), zap.Dict(key+"o", zap.String(value, key), zap.String(key, value)),
					zap.Objects(message+"l", []zapcore.ObjectMarshaler{zap.DictObject(zap.String(value, key), zap.String(other, value))}),
					zap.Namespace(value), zap.String(message, key), zap.Strings(key, []string{value, other}))
			},
			"slog": func(p *zaplog.Pipeline) {
				slog.New(p.SlogHandler()).With(other, value).WithGroup(key).With(value, message).InfoContext(ctx, message,
					key, value, value, key, slog.Group(other, message, value, value, errors.New(other)), "error", errors.New(value))
			},
			"a request": func(p *zaplog.Pipeline) {
				p.Events(0).Request(ctx, zaplog.RequestEvent{Method: message, Path: key, Route: value, Status: len(other)})
			},
			"an event": func(p *zaplog.Pipeline) {
				p.Events(0).Business(ctx, message, zap.String(key, value), zap.String(value, other), zap.String(other, key))
			},
		}
		for name, log := range ways {
			line, got := loggedOne(t, log)
			for _, r := range line {
				if r < ' ' || r >= 0x7f && r <= 0x9f || r == '\u2028' || r == '\u2029' {
					t.Errorf("%U is on the line of %s: %q", r, name, line)
				}
			}
			if got["app"] != "tutorflow-api" || got["level"] != "INFO" && !strings.Contains(name, "request") {
				t.Errorf("standard fields of %s were displaced: %s", name, line)
			}
		}
	})
}
