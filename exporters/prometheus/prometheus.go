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

// New returns the factory of the exporter. Each exporter that it opens has a
// registry of its own, with the metrics of the Go runtime and the process.
func New() exporters.Factory { return defaultLimits().factory() }

// limits are what scrapes may cost.
type limits struct {
	timeout  time.Duration // of a collection
	inFlight int           // collections that are waited for at once
	write    time.Duration // to read an answer, where the server sets no limit
	answers  int           // scrapes at once, those whose answer is being read included
}

func defaultLimits() limits {
	return limits{
		// Just below Prometheus's default scrape timeout of 10 s, after which nobody
		// waits for the answer.
		timeout: 9 * time.Second,
		// The scrapes of two Prometheus servers and an operator's curl, many times over.
		inFlight: 20,
		write:    15 * time.Second,
		// Each of them keeps a whole answer in memory.
		answers: 64,
	}
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
