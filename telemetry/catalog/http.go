package catalog

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// MaxEndpoints is how many route templates a service may have, and
// MaxErrorTypes how many error types. They keep a router that names its routes
// by path from growing the series without bound, and their product below
// MaxSeries.
const (
	MaxEndpoints  = 1000
	MaxErrorTypes = 19
)

// maxStatusSeries bounds the series of all routes. It leaves room for every
// method and status of unmatched, into which the requests beyond it are folded.
const maxStatusSeries = MaxSeries - methodCount*500

// HTTP holds the instruments that carry the endpoint label: requests, their
// duration, requests in flight, and errors.
type HTTP struct {
	requests   series
	durations  *histogram
	errors     series
	active     atomic.Int64
	errorTypes []string

	foldedRequests *cell
	foldedErrors   *cell
	unmatched      *Endpoint

	mu           sync.Mutex
	endpoints    atomic.Pointer[map[string]*Endpoint]
	statusSeries int
}

// HTTP makes the request instruments. errorTypes are the service's own values
// of the label error_type, beside ErrorTypes.
func (m *Meter) HTTP(errorTypes ...string) (*HTTP, error) {
	label := Label{Name: "error_type", Values: append(ErrorTypes(), errorTypes...)}
	err := label.validate()
	if n := len(label.Values); n > MaxErrorTypes {
		err = errors.Join(err, fmt.Errorf("%d with the %d built-in ones, allowed are %d", n, len(ErrorTypes()), MaxErrorTypes))
	}
	err = errors.Join(err, declaredNames("error_type", errorTypes...))
	if err != nil {
		return nil, fmt.Errorf("register error types: %w", err)
	}
	h := &HTTP{errorTypes: label.Values}
	h.endpoints.Store(&map[string]*Endpoint{})

	var errs error
	define := func(name string, collect metric.Int64Callback) {
		d, _ := Lookup(name)
		errs = errors.Join(errs, m.observable(d, collect))
	}
	define(HTTPRequests, h.requests.collect)
	define(Errors, h.errors.collect)
	define(HTTPRequestsActive, func(_ context.Context, o metric.Int64Observer) error {
		o.Observe(h.active.Load())
		return nil
	})

	d, _ := Lookup(HTTPRequestDuration)
	if err = m.claim(d); err == nil {
		h.durations, err = m.histogram(d)
	}
	if errs = errors.Join(errs, err); errs != nil {
		return nil, errs
	}
	h.foldedRequests, h.foldedErrors = m.overflows.cell(HTTPRequests), m.overflows.cell(Errors)
	h.unmatched = h.newEndpoint(UnmatchedEndpoint)
	return h, nil
}

// Started counts a request in, until Ended counts it out again.
func (h *HTTP) Started() { h.active.Add(1) }

// Ended counts out a request that Started counted in.
func (h *HTTP) Ended() { h.active.Add(-1) }

// Unmatched is the endpoint of requests that no route served and of work
// outside a request.
func (h *HTTP) Unmatched() *Endpoint { return h.unmatched }

// Declare makes the endpoint of a route known at start from its pattern, in
// the form of http.ServeMux ("GET /bookings/{id}", "/files/"). Its errors are
// on the next scrape with value 0, and so is its status 500 if the pattern
// names a method; without one these come with the first request of a method.
func (h *HTTP) Declare(pattern string) *Endpoint {
	method, template := splitPattern(pattern)
	e := h.Endpoint(template)
	if method != "" {
		e.method(ParseMethod(method))
	}
	return e
}

// Endpoint returns the endpoint with the given route template, made when it is
// new. An empty template, and each template beyond MaxEndpoints, is Unmatched.
func (h *HTTP) Endpoint(template string) *Endpoint {
	if template == "" {
		return h.unmatched
	}
	if e := (*h.endpoints.Load())[template]; e != nil {
		return e
	}
	// Two templates that show as one label value are one endpoint.
	template = LabelValue(template)
	if template == UnmatchedEndpoint {
		return h.unmatched
	}
	if e := (*h.endpoints.Load())[template]; e != nil {
		return e
	}
	return h.makeEndpoint(template)
}

func (h *HTTP) makeEndpoint(template string) *Endpoint {
	h.mu.Lock()
	defer h.mu.Unlock()
	known := *h.endpoints.Load()
	if e := known[template]; e != nil {
		return e
	}
	if len(known) >= MaxEndpoints {
		h.foldedRequests.value.Add(1)
		return h.unmatched
	}
	e := h.newEndpoint(strings.Clone(template))
	grown := maps.Clone(known)
	grown[e.template] = e
	h.endpoints.Store(&grown)
	return e
}

// ErrorType returns the type registered under name, or ErrorOther, which is
// counted as overflow.
func (h *HTTP) ErrorType(name string) ErrorType {
	if i := slices.Index(h.errorTypes, name); i >= 0 {
		return ErrorType(i)
	}
	h.foldedErrors.value.Add(1)
	return ErrorOther
}

// ErrorTypeName returns the label value of t.
func (h *HTTP) ErrorTypeName(t ErrorType) string {
	if t < 0 || int(t) >= len(h.errorTypes) {
		return Other
	}
	return h.errorTypes[t]
}

func endpointAttribute(template string) attribute.KeyValue {
	return attribute.String("endpoint", template)
}
