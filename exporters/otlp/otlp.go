package otlp

import (
	"context"

	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/tutorflow/observability/exporters"
)

// Name is what the configuration calls the exporter.
const Name = "otlp"

// New returns the factory of the exporter. Each exporter that it opens has a
// connection of its own.
func New() exporters.Factory {
	return exporters.Factory{
		Name: Name,
		Check: func(signal exporters.Signal, settings exporters.Settings) error {
			_, err := newDestination(signal, settings.OTLP)
			return err
		},
		Metrics: openMetrics,
		Traces:  openTraces,
		Logs:    openLogs,
	}
}

func openMetrics(ctx context.Context, settings exporters.Settings) (*exporters.MetricExporter, error) {
	s, err := open(exporters.Metrics, settings)
	if err != nil {
		return nil, err
	}
	inner, err := s.metrics(ctx)
	if err != nil {
		return nil, s.failed(err)
	}
	return &exporters.MetricExporter{Push: &metricExporter{inner, s}}, nil
}

func openTraces(ctx context.Context, settings exporters.Settings) (sdktrace.SpanExporter, error) {
	s, err := open(exporters.Traces, settings)
	if err != nil {
		return nil, err
	}
	inner, err := s.traces(ctx)
	if err != nil {
		return nil, s.failed(err)
	}
	return &spanExporter{inner, s}, nil
}

func openLogs(ctx context.Context, settings exporters.Settings) (sdklog.Exporter, error) {
	s, err := open(exporters.Logs, settings)
	if err != nil {
		return nil, err
	}
	inner, err := s.logs(ctx)
	if err != nil {
		return nil, s.failed(err)
	}
	return &logExporter{inner, s}, nil
}
