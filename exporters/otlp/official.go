package otlp

import (
	"context"

	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/tutorflow/observability/exporters"
)

// The official exporters read the environment before they look at their options,
// so each option that a variable could set is given, also where it says nothing:
// a nil TLS configuration, for one, takes back that of the environment. What is
// about the connection has no effect on those that are given one.

func (s *session) traces(ctx context.Context) (sdktrace.SpanExporter, error) {
	if s.conn != nil {
		return otlptracegrpc.New(ctx,
			otlptracegrpc.WithGRPCConn(s.conn),
			otlptracegrpc.WithHeaders(s.settings.Headers),
			otlptracegrpc.WithTimeout(s.settings.Timeout),
			otlptracegrpc.WithRetry(otlptracegrpc.RetryConfig(retries())))
	}
	compression := otlptracehttp.NoCompression
	if s.gzip() {
		compression = otlptracehttp.GzipCompression
	}
	return otlptracehttp.New(ctx,
		otlptracehttp.WithHTTPClient(s.client),
		otlptracehttp.WithEndpointURL(s.request),
		otlptracehttp.WithTLSClientConfig(nil),
		otlptracehttp.WithEncoding(otlptracehttp.EncodingProtobuf),
		otlptracehttp.WithHeaders(s.settings.Headers),
		otlptracehttp.WithCompression(compression),
		otlptracehttp.WithTimeout(s.settings.Timeout),
		otlptracehttp.WithRetry(otlptracehttp.RetryConfig(retries())))
}

func (s *session) metrics(ctx context.Context) (sdkmetric.Exporter, error) {
	if s.conn != nil {
		return otlpmetricgrpc.New(ctx,
			otlpmetricgrpc.WithGRPCConn(s.conn),
			otlpmetricgrpc.WithHeaders(s.settings.Headers),
			otlpmetricgrpc.WithTimeout(s.settings.Timeout),
			otlpmetricgrpc.WithRetry(otlpmetricgrpc.RetryConfig(retries())),
			otlpmetricgrpc.WithTemporalitySelector(s.temporality()),
			otlpmetricgrpc.WithAggregationSelector(sdkmetric.DefaultAggregationSelector))
	}
	compression := otlpmetrichttp.NoCompression
	if s.gzip() {
		compression = otlpmetrichttp.GzipCompression
	}
	return otlpmetrichttp.New(ctx,
		otlpmetrichttp.WithHTTPClient(s.client),
		otlpmetrichttp.WithEndpointURL(s.request),
		otlpmetrichttp.WithTLSClientConfig(nil),
		otlpmetrichttp.WithHeaders(s.settings.Headers),
		otlpmetrichttp.WithCompression(compression),
		otlpmetrichttp.WithTimeout(s.settings.Timeout),
		otlpmetrichttp.WithRetry(otlpmetrichttp.RetryConfig(retries())),
		otlpmetrichttp.WithTemporalitySelector(s.temporality()),
		otlpmetrichttp.WithAggregationSelector(sdkmetric.DefaultAggregationSelector))
}

func (s *session) logs(ctx context.Context) (sdklog.Exporter, error) {
	if s.conn != nil {
		// The endpoint is given lest the one of the environment is parsed.
		return otlploggrpc.New(ctx,
			otlploggrpc.WithGRPCConn(s.conn),
			otlploggrpc.WithEndpointURL(s.request),
			otlploggrpc.WithCompressor("none"),
			otlploggrpc.WithHeaders(s.settings.Headers),
			otlploggrpc.WithTimeout(s.settings.Timeout),
			otlploggrpc.WithRetry(otlploggrpc.RetryConfig(retries())))
	}
	compression := otlploghttp.NoCompression
	if s.gzip() {
		compression = otlploghttp.GzipCompression
	}
	return otlploghttp.New(ctx,
		otlploghttp.WithHTTPClient(s.client),
		otlploghttp.WithEndpointURL(s.request),
		otlploghttp.WithTLSClientConfig(nil),
		otlploghttp.WithHeaders(s.settings.Headers),
		otlploghttp.WithCompression(compression),
		otlploghttp.WithTimeout(s.settings.Timeout),
		otlploghttp.WithRetry(otlploghttp.RetryConfig(retries())))
}

func (s *session) gzip() bool { return s.settings.Compression == exporters.CompressionGzip }

// temporality is delta for what only grows, where that was asked for. What may
// fall stays cumulative, since a receiver could not restore it after a loss.
func (s *session) temporality() sdkmetric.TemporalitySelector {
	switch s.settings.Temporality {
	case exporters.TemporalityDelta:
		return sdkmetric.DeltaTemporalitySelector
	case exporters.TemporalityLowMemory:
		return sdkmetric.LowMemoryTemporalitySelector
	}
	return sdkmetric.CumulativeTemporalitySelector
}
