package telemetry

import (
	"context"
	"errors"
	"net/http"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/exemplar"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/internal/emptyhistogram"
	"github.com/tutorflow/observability/telemetry/internal/export"
	"github.com/tutorflow/observability/telemetry/internal/guard"
)

// openMetrics makes the meter provider with a reader for each exporter, and all
// instruments.
func (t *Telemetry) openMetrics(ctx context.Context, factories []exporters.Factory) error {
	t.scrape = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "metrics are disabled, or no exporter is configured that is asked for them", http.StatusNotFound)
	})
	if t.config.Disabled || len(factories) == 0 {
		t.meterProvider = noop.NewMeterProvider()
		return t.openInstruments(t.meterProvider)
	}

	pipeline := &metricPipeline{telemetry: t}
	provider := pipeline.open(ctx, factories)
	t.onShutdown("metrics", pipeline.shutdown(provider))
	if err := t.openInstruments(provider); err != nil {
		return err
	}
	// Our own instruments see to themselves.
	t.meterProvider = guard.New(provider, t.meter, t.self.Dropped("sdk", "metrics", "invalid_value"))
	pipeline.connect()
	return nil
}

// openInstruments makes the instruments of the catalogue.
func (t *Telemetry) openInstruments(provider metric.MeterProvider) error {
	meter, err := catalog.NewMeter(provider.Meter(scopeName))
	if err != nil {
		return err
	}
	meter.OnError(t.errors.Handle)
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
	opened    []openedMetrics
	empty     lateProducer
}

// openedMetrics is what became of one exporter.
type openedMetrics struct {
	report *export.Report
	reader sdkmetric.Reader
	err    error
}

// open opens what can be opened: an exporter that cannot costs only itself.
func (p *metricPipeline) open(ctx context.Context, factories []exporters.Factory) *sdkmetric.MeterProvider {
	t := p.telemetry
	options := []sdkmetric.Option{
		sdkmetric.WithResource(t.resource()),
		sdkmetric.WithCardinalityLimit(catalog.MaxSeries + 1),
		sdkmetric.WithExemplarFilter(exemplarFilter(t.tracing())),
		// otel.sdk.* are what the SDK counts of itself where OTEL_GO_X_OBSERVABILITY
		// is set; they are no part of the contract.
		sdkmetric.WithView(dropView("http.server.request.body.size"), dropView("http.server.response.body.size"), dropView("otel.sdk.*"), t.ownNames),
	}
	for _, factory := range factories {
		report := export.NewReport(factory.Name, exporters.Metrics, t.errors.Handle)
		settings := t.settings(exporters.Metrics, report)
		settings.Producers = []sdkmetric.Producer{&p.empty}
		settings.Enabled, settings.Exported, settings.Overflowed = t.switches.Enabled, report.Exported, report.Overflowed
		exporter, err := open(ctx, factory.Metrics, settings)
		if err == nil && (exporter == nil || exporter.Reader == nil && exporter.Push == nil) {
			err = errNothing
		}
		if err != nil {
			p.opened = append(p.opened, openedMetrics{report: report, err: opening(factory, exporters.Metrics, err)})
			continue
		}
		reader := exporter.Reader
		if reader == nil {
			reader = p.push(exporter.Push, report)
		}
		p.opened = append(p.opened, openedMetrics{report: report, reader: reader})
		options = append(options, sdkmetric.WithReader(reader))
		if exporter.Handler != nil {
			t.scrape, t.known = exporter.Handler, exporter.Known
		}
	}
	return sdkmetric.NewMeterProvider(options...)
}

// push makes the reader of an exporter that pushes. It has the runtime's series
// as a scrape has them, and those of empty histograms only where totals are
// asked for: a total of zero amid increases would be a second series.
func (p *metricPipeline) push(exporter sdkmetric.Exporter, report *export.Report) sdkmetric.Reader {
	t := p.telemetry
	var producers []sdkmetric.Producer
	if runtime, err := export.NewRuntime(t.errors.Handle); err != nil {
		t.errors.Handle(err)
	} else {
		producers = append(producers, runtime)
	}
	if !export.PrefersDelta(exporter) {
		producers = append(producers, &p.empty)
	}
	reader := export.NewReader(exporter, export.Reading{
		Interval: t.config.Metrics.Interval, Timeout: t.config.Metrics.Timeout,
		Enabled: t.switches.Enabled, Producers: producers,
	}, report)
	t.aborts = append(t.aborts, reader.Abort)
	return reader
}

func (p *metricPipeline) connect() {
	t := p.telemetry
	p.empty.set(emptyhistogram.New(t.meter, scopeName))
	for _, o := range p.opened {
		if _, push := o.reader.(*export.Reader); push {
			o.report.Count(t.meter, t.self)
			continue
		}
		o.report.CountExports(t.self)
		if o.err != nil {
			o.report.Exported(o.err)
		}
	}
}

// shutdown ends the readers side by side: the provider alone would let one that
// hangs take the time of the others.
func (p *metricPipeline) shutdown(provider *sdkmetric.MeterProvider) func(context.Context) error {
	var stops []func(context.Context) error
	for _, o := range p.opened {
		if o.reader != nil {
			stops = append(stops, o.reader.Shutdown)
		}
	}
	return func(ctx context.Context) error {
		err := together(ctx, stops...)
		return errors.Join(err, contained(ctx, provider.Shutdown))
	}
}

// exemplarFilter turns exemplars on only where there are spans to point to:
// they quadruple the memory of a histogram.
func exemplarFilter(tracing bool) exemplar.Filter {
	if tracing {
		return exemplar.TraceBasedFilter
	}
	return exemplar.AlwaysOffFilter
}
