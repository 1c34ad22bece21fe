package comparison_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.uber.org/zap"

	"github.com/tutorflow/observability/exporters"
)

var plain = wiring{"plain libraries", startPlain}

// startPlain makes the service observable as the documentation of the libraries
// has it. They read the environment by themselves, but for which exporters there
// are. The globals are left alone; that makes no difference here.
func startPlain(log *os.File) (*service, error) {
	config := zap.NewProductionConfig()
	config.OutputPaths = []string{"stdout"}
	if log != nil {
		config.OutputPaths = []string{log.Name()}
	}
	logger, err := config.Build()
	if err != nil {
		return nil, err
	}
	tracers, err := plainTracers()
	if err != nil {
		return nil, err
	}
	registry := prometheus.NewRegistry()
	meters, err := plainMeters(registry)
	if err != nil {
		return nil, err
	}
	meter := meters.Meter("comparison")
	logins, err := meter.Int64Counter(loginsName)
	if err != nil {
		return nil, err
	}
	lessons, err := meter.Float64Histogram(lessonsName, metric.WithUnit("s"), metric.WithExplicitBucketBoundaries(lessonBuckets()...))
	if err != nil {
		return nil, err
	}
	s := &service{
		requests: "http_server_request_duration_seconds_count",
		meters:   meters,
		tracers:  tracers,
		logger:   logger,
		login: func(ctx context.Context, provider string, n int64) {
			logins.Add(ctx, n, metric.WithAttributes(attribute.String("provider", provider)))
		},
		lesson: func(ctx context.Context, seconds float64) { lessons.Record(ctx, seconds) },
		shutdown: func(ctx context.Context) error {
			return errors.Join(tracers.Shutdown(ctx), meters.Shutdown(ctx), logger.Sync())
		},
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	s.routes(mux)
	s.handler = otelhttp.NewHandler(mux, "server", otelhttp.WithTracerProvider(tracers), otelhttp.WithMeterProvider(meters),
		otelhttp.WithPropagators(propagation.TraceContext{}))
	return s, nil
}

func plainTracers() (*sdktrace.TracerProvider, error) {
	if os.Getenv("OTEL_TRACES_EXPORTER") != "otlp" {
		return sdktrace.NewTracerProvider(), nil
	}
	open := func(ctx context.Context) (*otlptrace.Exporter, error) { return otlptracehttp.New(ctx) }
	if os.Getenv("OTEL_EXPORTER_OTLP_PROTOCOL") == exporters.ProtocolGRPC {
		open = func(ctx context.Context) (*otlptrace.Exporter, error) { return otlptracegrpc.New(ctx) }
	}
	exporter, err := open(context.Background())
	if err != nil {
		return nil, err
	}
	return sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter)), nil
}

func plainMeters(registry *prometheus.Registry) (*sdkmetric.MeterProvider, error) {
	scraped, err := otelprometheus.New(otelprometheus.WithRegisterer(registry))
	if err != nil {
		return nil, err
	}
	options := []sdkmetric.Option{sdkmetric.WithReader(scraped)}
	if strings.Contains(os.Getenv("OTEL_METRICS_EXPORTER"), "otlp") {
		var exporter sdkmetric.Exporter
		if os.Getenv("OTEL_EXPORTER_OTLP_PROTOCOL") == exporters.ProtocolGRPC {
			exporter, err = otlpmetricgrpc.New(context.Background())
		} else {
			exporter, err = otlpmetrichttp.New(context.Background())
		}
		if err != nil {
			return nil, err
		}
		options = append(options, sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter)))
	}
	return sdkmetric.NewMeterProvider(options...), nil
}
