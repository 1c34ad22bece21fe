package telemetry

import (
	"context"
	"errors"
	"net/http"
	"os"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/trace"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/prometheus"
	"github.com/tutorflow/observability/exporters/stdout"
	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/internal/ratelimit"
	"github.com/tutorflow/observability/telemetry/nethttp"
	"github.com/tutorflow/observability/telemetry/zaplog"
)

// scopeName is the instrumentation scope of everything that the SDK records.
const scopeName = "github.com/tutorflow/observability"

// Telemetry is a running telemetry pipeline. Its methods are safe for
// concurrent use. After Shutdown they go on working and record to nowhere.
type Telemetry struct {
	// The business events of TutorFlow. A service adds its own with the
	// constructors of package catalog and Meter.
	Bookings   *catalog.CounterBy[catalog.BookingStatus]
	Payments   *catalog.CounterBy[catalog.PaymentStatus]
	Reviews    *catalog.Counter
	Attendance *catalog.CounterBy[catalog.AttendanceStatus]

	config  Config
	options options

	log    *zaplog.Pipeline
	events *zaplog.Events
	errors *ratelimit.Errors

	meterProvider  metric.MeterProvider
	tracerProvider trace.TracerProvider
	loggerProvider *sdklog.LoggerProvider // nil without exporters of logs
	propagator     propagation.TextMapPropagator
	scrape         http.Handler

	meter      *catalog.Meter
	http       *catalog.HTTP
	pools      *catalog.Pools
	health     *catalog.Health
	self       *catalog.Self
	middleware *nethttp.Middleware
	standard   *nethttp.Standard
	calls      nethttp.Recorder
	errorTypes []errorMatcher

	stops    []stop
	aborts   []func()
	before   *globals
	ended    atomic.Bool
	shutdown sync.Once
	result   error
}

// stop ends one part of the pipeline.
type stop struct {
	name string
	stop func(context.Context) error
}

// Init builds a pipeline for service from the environment and the options, and
// makes it the process's own: the OpenTelemetry globals, zap.L and
// slog.Default use it until Shutdown, which restores them.
//
// Everything that is wrong with the configuration is in one error, and then
// nothing is left running. Init does not wait for the network.
func Init(ctx context.Context, service Service, opts ...Option) (*Telemetry, error) {
	config, envErr := ConfigFromEnv(os.LookupEnv)
	if service.Name != "" {
		config.Service.Name = service.Name
	}
	if service.Version != "" {
		config.Service.Version = service.Version
	}
	if service.Revision != "" {
		config.Service.Revision = service.Revision
	}
	if service.Environment != "" {
		config.Service.Environment = service.Environment
	}
	t, err := start(ctx, config, envErr, opts)
	if err != nil {
		return nil, err
	}
	t.setGlobals()
	return t, nil
}

// New builds a pipeline from config and touches nothing global. What is said
// of Init holds otherwise.
func New(ctx context.Context, config Config, opts ...Option) (*Telemetry, error) {
	return start(ctx, config, nil, opts)
}

// start checks everything, what was wrong before included, and then opens one
// part after the other.
func start(ctx context.Context, config Config, before error, opts []Option) (_ *Telemetry, err error) {
	t := &Telemetry{}
	for _, option := range opts {
		if option != nil {
			option.apply(&t.options)
		}
	}
	for _, change := range t.options.configure {
		if change != nil { // validate tells of it
			change(&config)
		}
	}
	if config.Service.Revision == "" {
		config.Service.Revision = buildRevision()
	}
	if config.Service.Environment == "" {
		config.Service.Environment = DefaultConfig().Service.Environment
	}
	t.config = config

	factories := t.factories()
	metrics, metricsErr := exporters.Select(exporters.Metrics, config.Metrics.Exporters, factories)
	traces, tracesErr := exporters.Select(exporters.Traces, config.Traces.Exporters, factories)
	err = errors.Join(before, config.Validate(), t.options.validate(), metricsErr, tracesErr)
	if err != nil {
		return nil, err
	}

	defer func() {
		if err != nil {
			err = errors.Join(err, t.Shutdown(ctx))
		}
	}()
	if err := t.openLog(); err != nil {
		return nil, err
	}
	if err := t.openMetrics(ctx, metrics); err != nil {
		return nil, err
	}
	t.openTraces(ctx, traces)
	if err := t.openHTTP(); err != nil {
		return nil, err
	}
	return t, nil
}

// factories are the exporters to choose from: the built-in ones, replaced and
// followed by those of the options.
func (t *Telemetry) factories() []exporters.Factory {
	all := []exporters.Factory{prometheus.New(), stdout.New(os.Stdout)}
	for _, given := range t.options.exporters {
		replaced := false
		for i := range all {
			if all[i].Name == given.Name {
				all[i], replaced = given, true
			}
		}
		if !replaced {
			all = append(all, given)
		}
	}
	return all
}

// onShutdown has f called by Shutdown, in the order of the calls.
func (t *Telemetry) onShutdown(name string, f func(context.Context) error) {
	t.stops = append(t.stops, stop{name, f})
}

// MeterProvider returns the OpenTelemetry meter provider, for instrumentation
// that wants one. Instruments made with it have none of the guarantees of
// package catalog.
func (t *Telemetry) MeterProvider() metric.MeterProvider { return t.meterProvider }

// TracerProvider returns the OpenTelemetry tracer provider.
func (t *Telemetry) TracerProvider() trace.TracerProvider { return t.tracerProvider }

// Propagator returns what carries the trace context between services.
func (t *Telemetry) Propagator() propagation.TextMapPropagator { return t.propagator }

// Meter returns what makes instruments of the kind that this SDK has itself:
// typed, at 0 from the start, bounded. See package catalog.
func (t *Telemetry) Meter() *catalog.Meter { return t.meter }
