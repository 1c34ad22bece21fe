package nethttp

import (
	"net/http"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// ServeMux is an http.ServeMux that tells the middleware around it which
// pattern serves a request, and declares its patterns, so that their series
// start at 0. It is used like an http.ServeMux: register first, then serve.
type ServeMux struct {
	mux  *http.ServeMux
	http *catalog.HTTP
}

// NewServeMux makes an empty mux whose routes are declared to instruments.
func NewServeMux(instruments *catalog.HTTP) *ServeMux {
	return &ServeMux{mux: http.NewServeMux(), http: instruments}
}

// Handle registers handler for pattern, in the syntax of http.ServeMux, and
// panics like it on a pattern that is malformed or conflicts with another.
func (m *ServeMux) Handle(pattern string, handler http.Handler) {
	if handler == nil {
		panic("nethttp: nil handler")
	}
	m.mux.Handle(pattern, &route{handler: handler, endpoint: m.http.Declare(pattern), template: catalog.Template(pattern)})
}

// HandleFunc registers handler for pattern like Handle.
func (m *ServeMux) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	if handler == nil {
		panic("nethttp: nil handler")
	}
	m.Handle(pattern, http.HandlerFunc(handler))
}

// Handler returns the handler to use for r and its pattern, like the method of
// http.ServeMux.
func (m *ServeMux) Handler(r *http.Request) (handler http.Handler, pattern string) {
	handler, pattern = m.mux.Handler(r)
	if captured, ok := handler.(*route); ok {
		handler = captured.handler
	}
	return handler, pattern
}

// ServeHTTP serves r with the handler whose pattern matches it best.
func (m *ServeMux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mux.ServeHTTP(w, r)
	// The mux redirects to the clean form of a path by itself, without calling a
	// registered handler.
	if q := requestFrom(r.Context()); q != nil && q.route() == "" {
		if template := muxTemplate(r, r.Pattern); template != "" {
			q.capture(m.http.Endpoint(template), template, r.URL.Path)
		}
	}
}

// route is a registered handler that notes its route before it serves.
type route struct {
	handler  http.Handler
	endpoint *catalog.Endpoint
	template string
}

func (c *route) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if q := requestFrom(r.Context()); q != nil {
		q.capture(c.endpoint, c.template, r.URL.Path)
	}
	c.handler.ServeHTTP(w, r)
}
