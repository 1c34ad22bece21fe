package nethttp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// Access is what the access log says about one request. Path has no query.
type Access struct {
	Method, Path, Route string
	Status              int
	Duration            time.Duration
}

// Config says what a Middleware needs. Only HTTP is required.
type Config struct {
	// HTTP holds the instruments that the middleware records to.
	HTTP *catalog.HTTP
	// Logger is what zaplog.FromContext finds in a handler's context; without
	// one it finds what it would without the middleware.
	Logger *zap.Logger
	// A panic of one of the functions below is dropped.

	// Access is called after each request but those for /metrics and /health*.
	Access func(context.Context, Access)
	// Panicked is called with the value and the stack of each panic of a
	// handler other than http.ErrAbortHandler.
	Panicked func(ctx context.Context, value any, stack []byte)
	// Repanic raises a handler's panic again after it was recorded, instead of
	// answering 500.
	Repanic bool
	// Route names the route of a request for a router other than http.ServeMux,
	// after the handler has returned; see also SetRoute. It is not asked where
	// ServeMux, CaptureRoute or SetRoute have named one. An empty answer means
	// that there was none.
	Route func(*http.Request) string
	// Standard adds otelhttp around the recorder.
	Standard *Standard
}

// Middleware observes the requests of a server. It is safe for concurrent use
// and has nothing to shut down.
type Middleware struct {
	config Config
}

// New checks config and makes a Middleware.
func New(config Config) (*Middleware, error) {
	if config.HTTP == nil {
		return nil, errors.New("make http middleware: HTTP <nil>: the instruments are needed")
	}
	if config.Standard != nil {
		if err := config.Standard.validate(); err != nil {
			return nil, fmt.Errorf("make http middleware: %w", err)
		}
	}
	return &Middleware{config: config}, nil
}

// Wrap returns next, observed. A request that passes several wrapped handlers
// is recorded by the outermost.
func (m *Middleware) Wrap(next http.Handler) http.Handler {
	recorder := &recorder{Config: &m.config, next: next}
	if m.config.Standard == nil {
		return recorder
	}
	return m.config.Standard.wrap(recorder)
}

type recorder struct {
	*Config
	next http.Handler
}

func (h *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if requestFrom(r.Context()) != nil {
		h.next.ServeHTTP(w, r)
		return
	}
	q := &request{
		Context: r.Context(),
		logger:  h.Logger,
		http:    h.HTTP,
		method:  catalog.ParseMethod(r.Method),
		target:  r.URL.Path,
		start:   time.Now(),
	}
	if ids := r.Header[requestIDHeader]; len(ids) > 0 && validRequestID(ids[0]) {
		q.id = ids[0]
	} else {
		q.id = newRequestID()
	}
	q.idHeader[0] = q.id
	w.Header()[requestIDHeader] = q.idHeader[:]
	q.writer = writer{ResponseWriter: w, below: w, client: r.Context(), upgrades: r.ProtoMajor < 2}

	shareTrailer(r)
	inner := r.WithContext(q)
	if h.Standard != nil {
		h.Standard.correctClient(inner)
		restoreProto(inner)
		if outer, ok := w.(interface{ Unwrap() http.ResponseWriter }); ok {
			q.writer.below = outer.Unwrap()
		}
	}
	h.HTTP.Started()
	defer h.finish(q, r, inner)
	h.next.ServeHTTP(q.writer.expose(), inner)
}

// shareTrailer lets the copies of r have the trailer that net/http puts into r at
// the end of the body, though the client did not announce it.
func shareTrailer(r *http.Request) {
	if r.Trailer == nil && len(r.TransferEncoding) > 0 {
		r.Trailer = make(http.Header)
	}
}

// finish records a request whose handler returned or panicked.
func (h *recorder) finish(q *request, r, inner *http.Request) {
	value := recover()
	took := time.Since(q.start)
	h.HTTP.Ended()
	// net/http removes the files of a form that it finds in its own request.
	if inner.MultipartForm != nil {
		r.MultipartForm = inner.MultipartForm
	}
	h.askRoute(q, inner)
	endpoint, failure := q.settle(inner)
	if endpoint != h.HTTP.Unmatched() {
		r.Pattern = endpoint.Template()
	}

	panicked := value != nil && value != http.ErrAbortHandler // As net/http compares it.
	status := q.writer.outcome()
	if panicked || value != nil && q.writer.open() && status != statusClientClosedRequest {
		status = http.StatusInternalServerError
	}
	switch {
	case panicked:
		endpoint.Error(catalog.ErrorPanic)
	case status >= http.StatusInternalServerError && failure == "":
		endpoint.Error(catalog.ErrorServer)
	}
	if panicked {
		value = h.answerPanic(q, value)
	}
	if h.Standard != nil {
		describe(q, endpoint, status, panicked, failure)
	}

	endpoint.Count(q.method, status)
	if !q.writer.lasting() {
		endpoint.Observe(q, q.method, took.Seconds())
	}
	if h.Access != nil && !Quiet(q.target) {
		h.access(q, Access{Method: r.Method, Path: q.target, Route: endpoint.Template(), Status: status, Duration: took})
	}
	if value != nil {
		panic(value)
	}
}

func (h *recorder) access(q *request, a Access) {
	defer func() { _ = recover() }()
	h.Access(q, a)
}

// answerPanic reports a panic and answers the request as far as that is still
// possible. It returns what is to be raised again, if anything.
func (h *recorder) answerPanic(q *request, value any) (raise any) {
	h.reportPanic(q, value)
	switch {
	case h.Repanic:
		return value
	case q.writer.hijacked:
		return nil
	case q.writer.status != 0:
		return http.ErrAbortHandler
	}
	http.Error(&q.writer, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	return nil
}

func (h *recorder) reportPanic(q *request, value any) {
	if h.Panicked == nil {
		return
	}
	defer func() { _ = recover() }()
	stack := make([]byte, 16<<10)
	h.Panicked(q, value, stack[:runtime.Stack(stack, false)])
}

// askRoute asks the hook for the route where nothing has named one.
func (h *recorder) askRoute(q *request, r *http.Request) {
	if h.Route == nil || q.route() != "" {
		return
	}
	defer func() { _ = recover() }()
	SetRoute(q, h.Route(r))
}

// Quiet reports whether path is one of those that probes and scrapers ask for
// all the time: /metrics, /health and what is below it. They are left out of the
// access log and of traces.
func Quiet(path string) bool {
	return path == "/metrics" || path == "/health" || strings.HasPrefix(path, "/health/")
}
