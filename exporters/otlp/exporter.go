package otlp

import (
	"context"

	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// The exporters are the official ones, whose exports and end are the session's.

type metricExporter struct {
	sdkmetric.Exporter
	session *session
}

func (e *metricExporter) Export(ctx context.Context, metrics *metricdata.ResourceMetrics) error {
	return e.session.export(ctx, points(metrics), func(ctx context.Context) error { return e.Exporter.Export(ctx, metrics) })
}

func (e *metricExporter) Shutdown(ctx context.Context) error {
	return e.session.shutdown(ctx, e.Exporter.Shutdown)
}

type spanExporter struct {
	sdktrace.SpanExporter
	session *session
}

func (e *spanExporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	return e.session.export(ctx, len(spans), func(ctx context.Context) error { return e.SpanExporter.ExportSpans(ctx, spans) })
}

func (e *spanExporter) Shutdown(ctx context.Context) error {
	return e.session.shutdown(ctx, e.SpanExporter.Shutdown)
}

type logExporter struct {
	sdklog.Exporter
	session *session
}

func (e *logExporter) Export(ctx context.Context, records []sdklog.Record) error {
	return e.session.export(ctx, len(records), func(ctx context.Context) error { return e.Exporter.Export(ctx, records) })
}

func (e *logExporter) Shutdown(ctx context.Context) error {
	return e.session.shutdown(ctx, e.Exporter.Shutdown)
}

// points counts the data points.
func points(metrics *metricdata.ResourceMetrics) int {
	n := 0
	for _, scope := range metrics.ScopeMetrics {
		for _, metric := range scope.Metrics {
			switch data := metric.Data.(type) {
			case metricdata.Sum[int64]:
				n += len(data.DataPoints)
			case metricdata.Sum[float64]:
				n += len(data.DataPoints)
			case metricdata.Gauge[int64]:
				n += len(data.DataPoints)
			case metricdata.Gauge[float64]:
				n += len(data.DataPoints)
			case metricdata.Histogram[int64]:
				n += len(data.DataPoints)
			case metricdata.Histogram[float64]:
				n += len(data.DataPoints)
			case metricdata.ExponentialHistogram[int64]:
				n += len(data.DataPoints)
			case metricdata.ExponentialHistogram[float64]:
				n += len(data.DataPoints)
			case metricdata.Summary:
				n += len(data.DataPoints)
			}
		}
	}
	return n
}
