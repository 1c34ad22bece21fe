package telemetry

import (
	"context"
	"errors"
	"net/http"
	"os"
	"sync/atomic"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/prometheus"
	"github.com/tutorflow/observability/exporters/stdout"
	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/config"
	"github.com/tutorflow/observability/telemetry/internal/admin"
	"github.com/tutorflow/observability/telemetry/internal/ratelimit"
	"github.com/tutorflow/observability/telemetry/internal/switches"
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

	loaded  *config.Loaded
	config  Config
	options options
	// instance is what sets this process apart, where it sends something.
	instance string

	log      *zaplog.Pipeline
	events   *zaplog.Events
	errors   *ratelimit.Errors
	switches *switches.Set
	admin    *admin.Server

	meterProvider  metric.MeterProvider
	tracerProvider trace.TracerProvider
	propagator     propagation.TextMapPropagator
	scrape         http.Handler
	known          func(metric string) bool // nil without a scrape

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
	stopping atomic.Bool
	stopped  chan struct{} // closed once result is final
	result   error
}

// stop ends one part of the pipeline.
type stop struct {
	name string
	stop func(context.Context) error
}

// Init builds a pipeline for service from the file, the environment and the
// options, in that order, and makes it the process's own: the OpenTelemetry
// globals, zap.L and slog.Default use it until Shutdown, which restores them.
// What can be set is in docs/configuration.md.
//
// OpenTelemetry binds what code took from its globals before the first Init to
// that one for good, so after its Shutdown they record to nowhere, whatever Init
// follows. What is taken from the globals later belongs to the Init that made
// them what they are. An Init while another lives is a pipeline of its own: it
// has the globals until its Shutdown, which gives them back.
//
// Everything that is wrong with the configuration is in one error, and then
// nothing is left running; where telemetry is optional
// (TUTORFLOW_TELEMETRY_OPTIONAL), the part that it belongs to is off instead,
// which a line at WARN says. Init does not wait for the network. An exporter that
// cannot be opened is logged and counted as a failed export; the others go on.
func Init(ctx context.Context, service Service, opts ...Option) (*Telemetry, error) {
	loaded, loadErr := config.Load(os.Environ())
	loaded.Change(func(c *Config) {
		for _, field := range []struct {
			to    *string
			value string
		}{
			{&c.Service.Name, service.Name}, {&c.Service.Version, service.Version},
			{&c.Service.Revision, service.Revision}, {&c.Service.Environment, service.Environment},
		} {
			if field.value != "" {
				*field.to = field.value
			}
		}
		if len(service.Attributes) > 0 {
			c.Service.Attributes = service.Attributes
		}
	})
	t, err := start(ctx, loaded, loadErr, opts)
	if err != nil {
		return nil, err
	}
	t.setGlobals()
	return t, nil
}

// New builds a pipeline from c and touches nothing global. What is said of Init
// holds otherwise.
func New(ctx context.Context, c Config, opts ...Option) (*Telemetry, error) {
	return start(ctx, config.From(c), nil, opts)
}

// start checks everything, what was wrong before included, and then opens one
// part after the other.
func start(ctx context.Context, loaded *config.Loaded, before error, opts []Option) (_ *Telemetry, err error) {
	t := &Telemetry{loaded: loaded, stopped: make(chan struct{})}
	for _, option := range opts {
		if option != nil {
			option.apply(&t.options)
		}
	}
	for _, change := range t.options.configure {
		if change != nil { // validate tells of it
			loaded.Change(change)
		}
	}
	use, notes, err := t.configure(before)
	if err != nil {
		return nil, err
	}

	defer func() {
		if err != nil {
			for _, abort := range t.aborts {
				abort() // there is nothing worth the wait for an exporter
			}
			err = errors.Join(err, t.Shutdown(ctx))
		}
	}()
	if err := t.openLog(); err != nil {
		return nil, err
	}
	if err := t.openMetrics(ctx, use[exporters.Metrics]); err != nil {
		return nil, err
	}
	t.openTraces(ctx, use[exporters.Traces])
	t.openLogs(ctx, use[exporters.Logs])
	if err := t.openHTTP(); err != nil {
		return nil, err
	}
	if err := t.openAdmin(); err != nil && !t.config.Optional {
		return nil, err
	} else if err != nil {
		told, _ := loaded.Relax(&config.Error{Key: "admin.port"})
		notes = append(notes, config.Note{Reason: err.Error(), Consequence: told[0].Consequence})
	}
	t.tellConfiguration(notes)
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
// that wants one. Its instruments have not all of the guarantees of package
// catalog: they start with their first value and have the labels that they are
// given, up to 20 000 series. A callback that fails, panics, hangs or takes more
// than a second loses its own series only, and numbers that make a sum useless
// are dropped; both are counted.
func (t *Telemetry) MeterProvider() metric.MeterProvider { return t.meterProvider }

// TracerProvider returns the OpenTelemetry tracer provider.
func (t *Telemetry) TracerProvider() trace.TracerProvider { return t.tracerProvider }

// Propagator returns what carries the trace context between services.
func (t *Telemetry) Propagator() propagation.TextMapPropagator { return t.propagator }

// Meter returns what makes instruments of the kind that this SDK has itself:
// typed, at 0 from the start, bounded. See package catalog.
func (t *Telemetry) Meter() *catalog.Meter { return t.meter }
