package zaplog_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/tutorflow/observability/telemetry/zaplog"
)

var access = zaplog.RequestEvent{
	Method: "GET", Path: "/api/v1/bookings/42", Route: "/api/v1/bookings/{booking_id}", Status: 200, Duration: 12345 * time.Microsecond,
}

func requestContext() context.Context {
	ctx := zaplog.WithUser(zaplog.WithRequestID(context.Background(), "req-1"), "tutor-7")
	return trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1: 1}, SpanID: trace.SpanID{1: 2}, TraceFlags: trace.FlagsSampled,
	}))
}

func benchPipeline(b *testing.B) *zaplog.Pipeline {
	p, err := zaplog.New(zaplog.Config{App: "tutorflow-api", Environment: "production", Version: "1.4.0"}, io.Discard)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = p.Shutdown(context.Background()) })
	b.ReportAllocs()
	return p
}

func zapProduction() *zap.Logger {
	enc := zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig())
	return zap.New(zapcore.NewCore(enc, zapcore.AddSync(io.Discard), zap.InfoLevel), zap.AddCaller())
}

func BenchmarkRequest(b *testing.B) {
	events := benchPipeline(b).Events(0)
	ctx := requestContext()
	for b.Loop() {
		events.Request(ctx, access)
	}
}

func BenchmarkRequestTeed(b *testing.B) {
	p := benchPipeline(b)
	p.Tee(counter{new(int)})
	events, ctx := p.Events(0), requestContext()
	for b.Loop() {
		events.Request(ctx, access)
	}
}

func BenchmarkRequestParallel(b *testing.B) {
	events := benchPipeline(b).Events(0)
	ctx := requestContext()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			events.Request(ctx, access)
		}
	})
}

// The same line by hand with zap's production encoder, synchronously and
// without its bounds, redaction and queue.
func BenchmarkRequestZapProduction(b *testing.B) {
	logger := zapProduction().WithOptions(zap.WithCaller(false)).With(
		zap.String("app", "tutorflow-api"), zap.String("environment", "production"), zap.String("version", "1.4.0"))
	ctx := requestContext()
	b.ReportAllocs()
	for b.Loop() {
		span := trace.SpanContextFromContext(ctx)
		logger.Info("HTTP request",
			zap.String("request_id", zaplog.RequestID(ctx)),
			zap.String("trace_id", span.TraceID().String()), zap.String("span_id", span.SpanID().String()),
			zap.String("user_id", zaplog.User(ctx)),
			zap.String("http_method", access.Method), zap.String("http_path", access.Path), zap.String("http_route", access.Route),
			zap.Int("http_status", access.Status), zap.Float64("duration_ms", 12.345))
	}
}

func BenchmarkInfo(b *testing.B) {
	logger := benchPipeline(b).Logger()
	for b.Loop() {
		logger.Info("booking created", zap.Int64("booking_id", 42), zap.String("tutor", "Kim"), zap.Bool("trial", true))
	}
}

func BenchmarkInfoZapProduction(b *testing.B) {
	logger := zapProduction()
	b.ReportAllocs()
	for b.Loop() {
		logger.Info("booking created", zap.Int64("booking_id", 42), zap.String("tutor", "Kim"), zap.Bool("trial", true))
	}
}

func BenchmarkFromContext(b *testing.B) {
	ctx := zaplog.IntoContext(requestContext(), benchPipeline(b).Logger())
	for b.Loop() {
		zaplog.FromContext(ctx).Info("booking created", zap.Int64("booking_id", 42))
	}
}

func BenchmarkError(b *testing.B) {
	events := benchPipeline(b).Events(0)
	ctx, err := requestContext(), errors.New("open database: connection refused")
	for b.Loop() {
		events.Error(ctx, err, zap.String("error_type", "database"), zap.String("endpoint", "/api/v1/bookings"))
	}
}

func BenchmarkReflectedHeader(b *testing.B) {
	logger := benchPipeline(b).Logger()
	header := http.Header{"Authorization": {"Bearer abc"}, "Accept": {"*/*"}, "User-Agent": {"curl/8.0"}}
	for b.Loop() {
		logger.Info("received", zap.Any("header", header))
	}
}

// Texts made to be slow to search: each must cost about as much as the others.
func BenchmarkHostileText(b *testing.B) {
	for _, part := range []string{"x", "://", "://:a", `"a://b`, "a://b?", "token=[", `token=\"`, "Bearer ", "Basic ", "a=b:c", "x://u:p@"} {
		b.Run(part, func(b *testing.B) {
			logger := benchPipeline(b).Logger()
			field := zap.NamedError("e", errors.New(strings.Repeat(part, 64<<10/len(part))))
			for b.Loop() {
				logger.Info("m", field)
			}
		})
	}
}
