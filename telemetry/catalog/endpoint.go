package catalog

import (
	"context"
	"net/http"
	"strconv"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
)

// Endpoint holds the series of one route template.
type Endpoint struct {
	http     *HTTP
	template string
	errors   []*cell
	methods  [methodCount]atomic.Pointer[endpointMethod]
}

// endpointMethod holds the series of one method of a route. The statuses are
// copied when one is new, so that a lookup needs no lock; a route answers with
// a handful.
type endpointMethod struct {
	duration *histogramSeries
	statuses atomic.Pointer[[]statusCell]
}

type statusCell struct {
	status int
	*cell
}

func (h *HTTP) newEndpoint(template string) *Endpoint {
	e := &Endpoint{http: h, template: template}
	for _, t := range h.errorTypes {
		e.errors = append(e.errors, h.errors.add(attribute.String("error_type", t), endpointAttribute(template)))
	}
	return e
}

// Template returns the label value of the endpoint.
func (e *Endpoint) Template() string { return e.template }

// Count counts one request. A status outside 100 to 599 is counted as 599,
// since a client must read it as a server error (RFC 9110, section 15).
func (e *Endpoint) Count(m Method, status int) {
	if m.Other() {
		e.http.foldedRequests.value.Add(1)
	}
	if status < 100 || status > 599 {
		e.http.foldedRequests.value.Add(1)
		status = 599
	}
	c := e.method(m).status(e, m, status)
	if c == nil {
		e.http.foldedRequests.value.Add(1)
		e = e.http.unmatched
		c = e.method(m).status(e, m, status)
	}
	c.value.Add(1)
}

// Observe records how long one request took, in seconds.
func (e *Endpoint) Observe(ctx context.Context, m Method, seconds float64) {
	e.method(m).duration.record(ctx, seconds)
}

// Error counts one error.
func (e *Endpoint) Error(t ErrorType) {
	if t < 0 || int(t) >= len(e.errors) {
		e.http.foldedErrors.value.Add(1)
		t = ErrorOther
	}
	e.errors[t].value.Add(1)
}

func (e *Endpoint) method(m Method) *endpointMethod {
	if m < 0 || m >= methodCount {
		m = methodCount - 1
	}
	if em := e.methods[m].Load(); em != nil {
		return em
	}
	e.http.mu.Lock()
	defer e.http.mu.Unlock()
	if em := e.methods[m].Load(); em != nil {
		return em
	}
	em := &endpointMethod{duration: e.http.durations.add(attribute.String("method", m.String()), endpointAttribute(e.template))}
	em.statuses.Store(&[]statusCell{{http.StatusInternalServerError, e.newStatus(m, http.StatusInternalServerError)}})
	e.methods[m].Store(em)
	return em
}

// status returns the series of one status, or nil when it is new and there are
// too many.
func (em *endpointMethod) status(e *Endpoint, m Method, status int) *cell {
	for _, s := range *em.statuses.Load() {
		if s.status == status {
			return s.cell
		}
	}
	e.http.mu.Lock()
	defer e.http.mu.Unlock()
	known := *em.statuses.Load()
	for _, s := range known {
		if s.status == status {
			return s.cell
		}
	}
	if e.http.statusSeries >= maxStatusSeries && e != e.http.unmatched {
		return nil
	}
	grown := append(known[:len(known):len(known)], statusCell{status, e.newStatus(m, status)})
	em.statuses.Store(&grown)
	return grown[len(known)].cell
}

// newStatus is called with the lock of http held.
func (e *Endpoint) newStatus(m Method, status int) *cell {
	e.http.statusSeries++
	return e.http.requests.add(attribute.String("method", m.String()), endpointAttribute(e.template),
		attribute.String("status", strconv.Itoa(status)))
}
