package zaplog_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/tutorflow/observability/telemetry/zaplog"
)

// frozen makes the examples' output the same every time.
type frozen struct{ zapcore.Clock }

func (frozen) Now() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

func newExample() (*zaplog.Pipeline, error) {
	return zaplog.New(zaplog.Config{App: "tutorflow-api", Environment: "production", Version: "1.4.0"}, os.Stdout,
		zaplog.WithClock(frozen{zapcore.DefaultClock}))
}

func Example() {
	logs, err := newExample()
	if err != nil {
		panic(err)
	}
	defer logs.Shutdown(context.Background())

	ctx := zaplog.WithUser(zaplog.WithRequestID(context.Background(), "req-1"), "tutor-7")
	logs.Events(0).Request(ctx, zaplog.RequestEvent{
		Method: "POST", Path: "/api/v1/bookings", Route: "/api/v1/bookings", Status: 201, Duration: 12 * time.Millisecond,
	})
	// Output:
	// {"timestamp":"2026-01-02T03:04:05.000000Z","level":"INFO","logger":"tutorflow.request","message":"HTTP request","app":"tutorflow-api","environment":"production","version":"1.4.0","request_id":"req-1","user_id":"tutor-7","http_method":"POST","http_path":"/api/v1/bookings","http_route":"/api/v1/bookings","http_status":201,"duration_ms":12.000}
}

func ExampleFromContext() {
	logs, err := newExample()
	if err != nil {
		panic(err)
	}
	defer logs.Shutdown(context.Background())

	ctx := zaplog.IntoContext(zaplog.WithRequestID(context.Background(), "req-1"), logs.Logger().WithOptions(zap.WithCaller(false)))
	zaplog.FromContext(ctx).Info("booking created", zap.Int64("booking_id", 42), zap.String("access_token", "abc"))
	// Output:
	// {"timestamp":"2026-01-02T03:04:05.000000Z","level":"INFO","logger":"tutorflow","message":"booking created","app":"tutorflow-api","environment":"production","version":"1.4.0","request_id":"req-1","booking_id":42,"access_token":"[REDACTED]"}
}

func ExamplePipeline_Levels() {
	logs, err := newExample()
	if err != nil {
		panic(err)
	}
	defer logs.Shutdown(context.Background())

	if err := logs.Levels().Set("tutorflow.db", zap.DebugLevel, 10*time.Minute); err != nil {
		panic(err)
	}
	for _, l := range logs.Levels().List() {
		fmt.Printf("%q %v\n", l.Logger, l.Level)
	}
	// Output:
	// "" info
	// "tutorflow.db" debug
}

func ExamplePipeline_Tee() {
	logs, err := zaplog.New(zaplog.Config{App: "tutorflow-api"}, io.Discard)
	if err != nil {
		panic(err)
	}
	defer logs.Shutdown(context.Background())

	second := zapcore.NewCore(zapcore.NewJSONEncoder(zapcore.EncoderConfig{MessageKey: "body"}), os.Stdout, zap.InfoLevel)
	undo := logs.Tee(second)
	defer undo()
	logs.Logger().Info("booking created", zap.Int64("booking_id", 42), zap.String("access_token", "abc"))
	logs.LocalLogger().Warn("export failed")
	// Output:
	// {"body":"booking created","booking_id":42,"access_token":"[REDACTED]"}
}

func ExamplePipeline_SlogHandler() {
	logs, err := newExample()
	if err != nil {
		panic(err)
	}
	defer logs.Shutdown(context.Background())

	record := slog.NewRecord(frozen{}.Now(), slog.LevelWarn, "retrying", 0) // 0: without caller
	record.AddAttrs(slog.Any("err", errors.New("refused")))
	_ = logs.SlogHandler().WithGroup("db").Handle(zaplog.WithRequestID(context.Background(), "req-1"), record)
	// Output:
	// {"timestamp":"2026-01-02T03:04:05.000000Z","level":"WARN","logger":"tutorflow","message":"retrying","app":"tutorflow-api","environment":"production","version":"1.4.0","request_id":"req-1","db":{"err":"refused"}}
}
