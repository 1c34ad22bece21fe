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

// New returns the factory of the exporter. Each exporter that it opens has a
// registry of its own, with the metrics of the Go runtime and the process.
func New() exporters.Factory { return limits{timeout, maxRequestsInFlight}.factory() }

// limits are what a scrape may cost.
type limits struct {
	timeout             time.Duration
	maxRequestsInFlight int
}

func (l limits) factory() exporters.Factory {
	return exporters.Factory{Name: Name, Metrics: l.open}
}

func (l limits) open(_ context.Context, settings exporters.Settings) (*exporters.MetricExporter, error) {
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
	return &exporters.MetricExporter{Reader: reader, Handler: l.handler(registry, reader, settings), Known: known(registry)}, nil
}
