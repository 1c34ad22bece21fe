package zaplog_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/slogtest"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/internal/jsonline"
	"github.com/tutorflow/observability/telemetry/zaplog"
)

func TestSlogContextIsHoisted(t *testing.T) {
	ctx := requestContext()
	for _, tc := range []struct {
		name string
		log  func(*slog.Logger)
		key  string
		want any
	}{
		{"on the top level", func(l *slog.Logger) { l.InfoContext(ctx, "m", "k", 1) }, "k", 1.0},
		{"inside a group", func(l *slog.Logger) { l.WithGroup("g").InfoContext(ctx, "m", "k", 1) }, "g", map[string]any{"k": 1.0}},
		{"inside a group with attributes", func(l *slog.Logger) { l.WithGroup("g").With("a", 1).InfoContext(ctx, "m") }, "g", map[string]any{"a": 1.0}},
		{"inside an empty group", func(l *slog.Logger) { l.WithGroup("g").InfoContext(ctx, "m") }, "g", nil},
		{"with a reserved key", func(l *slog.Logger) { l.InfoContext(ctx, "m", "level", 1, "request_id", 2) }, "field.level", 1.0},
		{"with an error", func(l *slog.Logger) { l.ErrorContext(ctx, "m", "err", errors.New("e")) }, "err", "e"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, got := loggedOne(t, func(p *zaplog.Pipeline) { tc.log(slog.New(p.SlogHandler())) })
			if diff := cmp.Diff(tc.want, got[tc.key]); diff != "" {
				t.Error(diff)
			}
			if got["request_id"] != "req-1" || got["user_id"] != "tutor-7" || got["span_id"] != "0002000000000000" || got["context"] != nil {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestSlogLevelsAndName(t *testing.T) {
	lines := logged(t, func(p *zaplog.Pipeline) {
		log := slog.New(p.SlogHandler())
		for _, level := range []slog.Level{-8, slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError, 12} {
			log.Log(context.Background(), level, "m")
		}
	})
	var levels []any
	for _, line := range lines {
		got, _ := jsonline.Decode(line)
		levels = append(levels, got["level"])
		if got["logger"] != "tutorflow" || got["stack"] != nil {
			t.Errorf("got %s", line)
		}
	}
	if diff := cmp.Diff([]any{"DEBUG", "DEBUG", "INFO", "WARN", "ERROR", "ERROR"}, levels); diff != "" {
		t.Error(diff)
	}
}

func TestSlogHandlerKeepsItsContract(t *testing.T) {
	var out *sink
	var p *zaplog.Pipeline
	slogtest.Run(t, func(t *testing.T) slog.Handler {
		p, out = newPipeline(t, service)
		return p.SlogHandler()
	}, func(t *testing.T) map[string]any {
		if strings.HasSuffix(t.Name(), "zero-time") {
			t.Skip("every line of the log contract has a timestamp")
		}
		if err := p.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal([]byte(out.String()), &got); err != nil {
			t.Fatal(err)
		}
		got[slog.TimeKey], got[slog.MessageKey] = got["timestamp"], got["message"]
		return got
	})
}
