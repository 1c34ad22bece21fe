package telemetry

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"go.opentelemetry.io/otel/metric/noop"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/telemetry/catalog"
)

// Option sets what only code can supply.
type Option interface{ apply(*options) }

type options struct {
	configure  []func(*Config)
	exporters  []exporters.Factory
	routes     []string
	route      func(*http.Request) string
	services   []catalog.ExternalService
	errorTypes []errorType
	repanic    bool
	trusted    func(*http.Request) bool
	log        io.Writer
}

// validate reports everything that is wrong with the options, before anything
// is opened. What makes labels is tried on instruments that record nothing.
func (o *options) validate() error {
	errs := []error{exporters.Check(o.exporters)}
	for _, change := range o.configure {
		if change == nil {
			errs = append(errs, errors.New("configure telemetry: WithConfig(<nil>): a function is needed"))
		}
	}
	for _, e := range o.errorTypes {
		if slices.Contains(e.targets, nil) {
			errs = append(errs, fmt.Errorf("register error type %.140q: target <nil>: errors are needed", e.name))
		}
	}
	for _, p := range o.routes {
		errs = append(errs, catalog.CheckPattern(p))
	}
	meter, err := catalog.NewMeter(noop.Meter{})
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	_, err = meter.HTTP(o.errorTypeNames()...)
	errs = append(errs, err)
	_, err = meter.ExternalServices(o.externalServices()...)
	return errors.Join(append(errs, err)...)
}

func (o *options) errorTypeNames() []string {
	var names []string
	for _, e := range o.errorTypes {
		names = append(names, e.name)
	}
	return names
}

func (o *options) externalServices() []catalog.ExternalService {
	return append(catalog.TutorFlowServices(), o.services...)
}

type optionFunc func(*options)

func (f optionFunc) apply(o *options) { f(o) }

// WithConfig changes the configuration after the environment was read: code
// has the last word.
func WithConfig(change func(*Config)) Option {
	return optionFunc(func(o *options) { o.configure = append(o.configure, change) })
}

// WithExporters adds exporters that the configuration may choose by name, or
// replaces those of the same name. Without it there are prometheus and console.
func WithExporters(factories ...exporters.Factory) Option {
	return optionFunc(func(o *options) { o.exporters = append(o.exporters, factories...) })
}

// WithRoutes declares the routes of a router other than NewServeMux, so that
// their series start at 0: a standard method and the template that SetRoute will
// name, like "GET /bookings/{id}", or the template alone.
func WithRoutes(patterns ...string) Option {
	return optionFunc(func(o *options) { o.routes = append(o.routes, patterns...) })
}

// WithRoute names the route template of a request that a router other than
// http.ServeMux served. It is called once the handler has returned, with the
// request that the router was given; an empty answer means that no route
// matched. Routers that keep the route in a copy of the request call SetRoute
// instead.
func WithRoute(route func(*http.Request) string) Option {
	return optionFunc(func(o *options) { o.route = route })
}

// WithExternalServices declares services that are called, beside
// catalog.TutorFlowServices. Calls to others are recorded as "other".
func WithExternalServices(services ...catalog.ExternalService) Option {
	return optionFunc(func(o *options) { o.services = append(o.services, services...) })
}

// WithErrorType registers a value of the label error_type. An error belongs to
// it if errors.Is finds one of targets in it, or if an error in its chain has a
// method ErrorType() string that returns name.
func WithErrorType(name string, targets ...error) Option {
	return optionFunc(func(o *options) { o.errorTypes = append(o.errorTypes, errorType{name, targets}) })
}

// WithoutRecovery raises a panic of a handler again after it was recorded, in
// the place of answering 500, for services with a recovery of their own. What
// nobody recovers net/http prints with its value, which may hold a secret: after
// Init to the log.
func WithoutRecovery() Option {
	return optionFunc(func(o *options) { o.repanic = true })
}

// WithTrustedPeers names peers, beside those of the configured networks, whose
// trace context is taken over as parent, sampling decision included. The spans
// of all others are linked. It has no effect while no spans are exported: then
// no trace context is read or sent.
func WithTrustedPeers(trusted func(*http.Request) bool) Option {
	return optionFunc(func(o *options) { o.trusted = trusted })
}

// WithLogWriter has log lines written to w instead of stdout. Writes come from
// one goroutine; w is not closed.
func WithLogWriter(w io.Writer) Option {
	return optionFunc(func(o *options) { o.log = w })
}
