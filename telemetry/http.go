package telemetry

import (
	"context"
	"net/http"
	"strings"

	"go.uber.org/zap"

	"github.com/tutorflow/observability/telemetry/nethttp"
	"github.com/tutorflow/observability/telemetry/zaplog"
)

func (t *Telemetry) openHTTP() error {
	if t.config.Disabled {
		return nil
	}
	if t.tracing() || t.config.HTTP.SemconvMetrics {
		t.standard = &nethttp.Standard{
			TracerProvider: t.tracerProvider,
			MeterProvider:  t.standardMeterProvider(),
			Propagator:     t.propagator,
			ServerName:     serverName(t.config.Service.Name),
			Trusted:        t.trusted(),
		}
	}
	config := nethttp.Config{
		HTTP:     t.http,
		Logger:   t.log.Logger(),
		Panicked: t.panicked,
		Repanic:  t.options.repanic,
		Route:    t.options.route,
		Standard: t.standard,
	}
	if t.config.Logs.Access {
		config.Access = t.access
	}
	t.calls.Done = t.called
	if t.tracing() {
		t.calls.Tracer = t.tracerProvider.Tracer(scopeName)
	}
	var err error
	t.middleware, err = nethttp.New(config)
	return err
}

// serverName makes the service's name one that can stand for a host.
func serverName(service string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("[]:/ ", r) {
			return '-'
		}
		return r
	}, service)
}

func (t *Telemetry) access(ctx context.Context, a nethttp.Access) {
	t.events.Request(ctx, zaplog.RequestEvent{Method: a.Method, Path: a.Path, Route: a.Route, Status: a.Status, Duration: a.Duration})
}

func (t *Telemetry) called(ctx context.Context, c nethttp.Call) {
	t.events.External(ctx, zaplog.ExternalEvent{Service: c.Service, Operation: c.Operation, Status: c.Status.String(), HTTPStatus: c.HTTPStatus, Duration: c.Duration, Err: c.Err})
}

// Handler returns next, observed: requests, durations and requests in flight,
// spans, the access log, X-Request-ID, and 500 in the place of a panic. Serve
// does this to the server's handler; use it where something else serves. Once
// is enough: a request that passes several observed handlers is recorded by the
// outermost.
//
// A nil next is http.DefaultServeMux, as for a server.
func (t *Telemetry) Handler(next http.Handler) http.Handler {
	if next == nil {
		next = http.DefaultServeMux
	}
	if t.config.Disabled {
		return next
	}
	return t.middleware.Wrap(next)
}

// MetricsHandler serves the metrics to Prometheus, for a mux or a listener of
// its own. Without an exporter that is asked for metrics it answers 404, and
// after Shutdown 503.
func (t *Telemetry) MetricsHandler() http.Handler { return t.scrape }

// NewServeMux returns a mux that declares its routes, so that their series
// start at 0, and has "GET /metrics" registered.
func (t *Telemetry) NewServeMux() *nethttp.ServeMux {
	mux := nethttp.NewServeMux(t.http)
	mux.Handle("GET /metrics", t.scrape)
	return mux
}

// SetRoute names the route template of the request in ctx, for routers other
// than http.ServeMux; see nethttp.SetRoute.
func SetRoute(ctx context.Context, template string) { nethttp.SetRoute(ctx, template) }

// Transport returns base, or http.DefaultTransport if base is nil, observed as
// calls to service, which must be declared: see catalog.TutorFlowServices and
// WithExternalServices. The caller names the operation with WithOperation; a
// call without one, or with one that is not declared, is recorded as "other". An
// answer of 400 or more is an error, as the OpenTelemetry conventions have it.
func (t *Telemetry) Transport(service string, base http.RoundTripper) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	if t.config.Disabled {
		return base
	}
	if !t.calls.Services.Declared(service) {
		t.log.Logger().Warn("external service is not declared, its calls are recorded as other", zap.String("service", service))
	}
	standard := t.standard
	if !t.tracing() {
		standard = nil
	}
	return t.calls.Transport(service, base, standard)
}

// WithOperation names the operation of the calls made with the returned
// context through a Transport.
func WithOperation(ctx context.Context, operation string) context.Context {
	return nethttp.WithOperation(ctx, operation)
}

// ExternalCall calls f as one call to operation of service, which must be
// declared, and returns its error: the call is counted, timed and logged as
// success, error, timeout or canceled. Transports used inside f do not count
// it again.
func (t *Telemetry) ExternalCall(ctx context.Context, service, operation string, f func(context.Context) error) error {
	if t.config.Disabled {
		return f(ctx)
	}
	return t.calls.Run(ctx, service, operation, f)
}
