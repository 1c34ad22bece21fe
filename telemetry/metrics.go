package telemetry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/exemplar"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/internal/emptyhistogram"
)

// openMetrics makes the meter provider with a reader for each exporter, and all
// instruments.
func (t *Telemetry) openMetrics(ctx context.Context, factories []exporters.Factory) error {
	t.scrape = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "metrics are disabled, or no exporter is configured that is asked for them", http.StatusNotFound)
	})
	if t.config.Disabled || len(factories) == 0 {
		t.meterProvider = noop.NewMeterProvider()
		return t.openInstruments()
	}

	pipeline := &metricPipeline{telemetry: t}
	provider, err := pipeline.open(ctx, factories)
	if err != nil {
		return err
	}
	t.meterProvider = provider
	t.onShutdown("metrics", provider.Shutdown)
	if err := t.openInstruments(); err != nil {
		return err
	}
	pipeline.connect(factories)
	return nil
}

// openInstruments makes the instruments of the catalogue.
func (t *Telemetry) openInstruments() error {
	meter, err := catalog.NewMeter(t.meterProvider.Meter(scopeName))
	if err != nil {
		return err
	}
	t.meter = meter

	var errs [7]error
	business, err := meter.Business()
	if err == nil {
		t.Bookings, t.Payments, t.Reviews, t.Attendance = business.Bookings, business.Payments, business.Reviews, business.Attendance
	}
	errs[0] = err
	t.http, errs[1] = t.newHTTP(meter)
	t.pools, errs[2] = meter.Pools()
	t.health, errs[3] = meter.Health()
	t.self, errs[4] = meter.Self()
	t.calls.Services, errs[5] = meter.ExternalServices(t.options.externalServices()...)
	errs[6] = meter.Info(catalog.Application{
		Name: t.config.Service.Name, Version: t.config.Service.Version,
		Revision: t.config.Service.Revision, Environment: t.config.Service.Environment,
	})
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	for _, pattern := range t.options.routes {
		t.http.Declare(pattern)
	}
	return t.self.LogLinesDropped(t.log.Dropped)
}

// metricPipeline opens exporters before the instruments that count their work
// exist, and connects the two afterwards.
type metricPipeline struct {
	telemetry *Telemetry
	exported  []atomic.Pointer[func(error)]
	producer  lateProducer
}

func (p *metricPipeline) open(ctx context.Context, factories []exporters.Factory) (*sdkmetric.MeterProvider, error) {
	t := p.telemetry
	p.exported = make([]atomic.Pointer[func(error)], len(factories))
	options := []sdkmetric.Option{
		sdkmetric.WithResource(t.resource()),
		sdkmetric.WithCardinalityLimit(catalog.MaxSeries + 1),
		sdkmetric.WithExemplarFilter(exemplarFilter(t.tracing())),
		sdkmetric.WithView(dropView("http.server.request.body.size"), dropView("http.server.response.body.size")),
	}
	var readers []sdkmetric.Reader
	for i, factory := range factories {
		exporter, err := factory.Metrics(ctx, exporters.Settings{
			Producers: []sdkmetric.Producer{&p.producer},
			Enabled:   t.switches.Enabled,
			Failed:    t.errors.Handle,
			Exported: func(err error) {
				if count := p.exported[i].Load(); count != nil {
					(*count)(err)
				}
			},
		})
		if err == nil && (exporter == nil || exporter.Reader == nil && exporter.Push == nil) {
			err = errors.New("the factory returned nothing that exports")
		}
		if err != nil {
			for i, reader := range readers {
				t.onShutdown(factories[i].Name+" exporter", reader.Shutdown)
			}
			return nil, fmt.Errorf("open %s exporter for metrics: %w", factory.Name, err)
		}
		reader := exporter.Reader
		if reader == nil {
			reader = sdkmetric.NewPeriodicReader(exporter.Push, sdkmetric.WithInterval(t.config.Metrics.Interval), sdkmetric.WithProducer(&p.producer))
		}
		readers = append(readers, reader)
		options = append(options, sdkmetric.WithReader(reader))
		if exporter.Handler != nil {
			t.scrape = exporter.Handler
		}
	}
	return sdkmetric.NewMeterProvider(options...), nil
}

func (p *metricPipeline) connect(factories []exporters.Factory) {
	t := p.telemetry
	for i, factory := range factories {
		done := t.self.Exports(factory.Name, string(exporters.Metrics))
		count := func(err error) {
			done(err == nil)
			t.errors.Handle(err)
		}
		p.exported[i].Store(&count)
	}
	p.producer.set(emptyhistogram.New(t.meter, scopeName))
}

// exemplarFilter turns exemplars on only where there are spans to point to:
// they quadruple the memory of a histogram.
func exemplarFilter(tracing bool) exemplar.Filter {
	if tracing {
		return exemplar.TraceBasedFilter
	}
	return exemplar.AlwaysOffFilter
}

func dropView(name string) sdkmetric.View {
	return sdkmetric.NewView(sdkmetric.Instrument{Name: name}, sdkmetric.Stream{Aggregation: sdkmetric.AggregationDrop{}})
}
