package catalog

import (
	"context"
	"net/http"
	"strconv"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
)

// Endpoint holds the series of one route template. HTTP makes it.
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
	endpoint *Endpoint
	method   Method
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
// since a client must read it as a server error (RFC 9110, section 15). When
// there are too many series for a new one, the request is counted under
// Unmatched with its method and status.
func (e *Endpoint) Count(m Method, status int) {
	folded := m.Other()
	if status < 100 || status > 599 {
		folded, status = true, 599
	}
	em := e.method(m)
	c := em.status(status)
	if c == nil {
		em = e.http.unmatched.method(m)
		c = em.status(status)
	}
	if folded || em.endpoint != e {
		e.http.foldedRequests.value.Add(1)
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

// method returns the series of one method, or those of unmatched when there are
// too many to make new ones.
func (e *Endpoint) method(m Method) *endpointMethod {
	if m.Other() {
		m = methodCount - 1
	}
	if em := e.methods[m].Load(); em != nil {
		return em
	}
	e.http.mu.Lock()
	defer e.http.mu.Unlock()
	return e.makeMethod(m)
}

// makeMethod is called with the lock of http held.
func (e *Endpoint) makeMethod(m Method) *endpointMethod {
	if em := e.methods[m].Load(); em != nil {
		return em
	}
	if e.full() {
		em := e.http.unmatched.makeMethod(m)
		e.methods[m].Store(em)
		return em
	}
	em := &endpointMethod{endpoint: e, method: m,
		duration: e.http.durations.add(attribute.String("method", m.String()), endpointAttribute(e.template))}
	em.statuses.Store(&[]statusCell{{http.StatusInternalServerError, em.newStatus(http.StatusInternalServerError)}})
	e.methods[m].Store(em)
	return em
}

// full reports whether e may have no further series, and is called with the
// lock of http held. The room of unmatched is kept free.
func (e *Endpoint) full() bool {
	return e != e.http.unmatched && e.http.statusSeries >= maxStatusSeries
}

// status returns the series of one status, or nil when it is new and there are
// too many.
func (em *endpointMethod) status(status int) *cell {
	for _, s := range *em.statuses.Load() {
		if s.status == status {
			return s.cell
		}
	}
	em.endpoint.http.mu.Lock()
	defer em.endpoint.http.mu.Unlock()
	known := *em.statuses.Load()
	for _, s := range known {
		if s.status == status {
			return s.cell
		}
	}
	if em.endpoint.full() {
		return nil
	}
	grown := append(known[:len(known):len(known)], statusCell{status, em.newStatus(status)})
	em.statuses.Store(&grown)
	return grown[len(known)].cell
}

// newStatus is called with the lock of http held.
func (em *endpointMethod) newStatus(status int) *cell {
	e := em.endpoint
	if e != e.http.unmatched {
		e.http.statusSeries++
	}
	return e.http.requests.add(attribute.String("method", em.method.String()), endpointAttribute(e.template),
		attribute.String("status", strconv.Itoa(status)))
}
