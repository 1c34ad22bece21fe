// Package prometheus lets Prometheus scrape the metrics: an exporter with a
// registry of its own and a handler that holds under load.
//
//	exporter, err := prometheus.New().Metrics(ctx, exporters.Settings{})
//	mux.Handle("GET /metrics", exporter.Handler)
//
// The handler leaves out a metric that cannot be gathered rather than failing
// the scrape, gathers once for scrapes that come at the same time, admits a
// bounded number of them, and answers 503 when the exporter was shut down: an
// empty 200 would read as a healthy service without metrics. OpenMetrics is on,
// since exemplars need it.
package prometheus

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"

	"github.com/tutorflow/observability/exporters"
)

// Name is what the configuration calls the exporter.
const Name = "prometheus"

// maxRequestsInFlight admits the scrapes of two Prometheus servers and an
// operator's curl many times over, and keeps slow readers from piling up.
const maxRequestsInFlight = 20

// timeout is just below Prometheus's default scrape timeout of 10 s, after
// which nobody waits for the answer.
const timeout = 9 * time.Second

// New returns the factory of the exporter.
func New() exporters.Factory {
	return exporters.Factory{Name: Name, Metrics: open}
}

func open(_ context.Context, settings exporters.Settings) (*exporters.MetricExporter, error) {
	registry := prometheus.NewRegistry()
	options := []otelprometheus.Option{
		otelprometheus.WithRegisterer(registry),
		otelprometheus.WithoutScopeInfo(),
	}
	for _, producer := range settings.Producers {
		options = append(options, otelprometheus.WithProducer(producer))
	}
	exporter, err := otelprometheus.New(options...)
	if err != nil {
		return nil, fmt.Errorf("open prometheus exporter: %w", err)
	}
	for _, collector := range []prometheus.Collector{
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := registry.Register(collector); err != nil {
			return nil, fmt.Errorf("open prometheus exporter: %w", err)
		}
	}
	reader := &reader{Exporter: exporter}
	return &exporters.MetricExporter{Reader: reader, Handler: newHandler(registry, reader, settings)}, nil
}
