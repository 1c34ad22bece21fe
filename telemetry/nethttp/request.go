package nethttp

import (
	"context"
	"net/http"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/zaplog"
)

// request is all that is known about one request. It is the context that the
// handlers get, so that keeping it costs no further allocation.
type request struct {
	context.Context
	logger *zap.Logger
	http   *catalog.HTTP

	id string
	// idHeader is the identity as the values of a header, which are the
	// handler's to change.
	idHeader [1]string

	method catalog.Method
	start  time.Time
	writer writer

	// target is the path of the URL, which a handler may change in place.
	target string

	mu       sync.Mutex
	user     string
	endpoint *catalog.Endpoint
	template string
	path     string
	failures []catalog.ErrorType
	failed   bool
	failure  catalog.ErrorType // The last one, if failed.
	done     bool
}

// requestKey finds the request in a context.
type requestKey struct{}

// maxPendingFailures bounds the errors kept until the route is known.
const maxPendingFailures = 16

func (q *request) Value(key any) any {
	switch key.(type) {
	case requestKey, zaplog.RequestKey:
		return q
	case zaplog.LoggerKey:
		if q.logger != nil {
			return q.logger
		}
	}
	return q.Context.Value(key)
}

// String keeps fmt, given a context, from printing the whole request.
func (q *request) String() string { return "http request " + q.id }

func requestFrom(ctx context.Context) *request {
	q, _ := ctx.Value(requestKey{}).(*request)
	return q
}

// RequestID returns the identity of the request.
func (q *request) RequestID() string { return q.id }

// UserID returns the user that a handler named.
func (q *request) UserID() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.user
}

// SetUserID names the user on whose behalf the request runs.
func (q *request) SetUserID(id string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.user = id
}

// capture notes the route that serves the request. path is the path as the
// router sees it: when a router inside another one sees less of it, the part
// that was stripped belongs in front of the inner route.
func (q *request) capture(endpoint *catalog.Endpoint, template, path string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.done {
		return
	}
	if q.endpoint != nil {
		if joined := joinTemplates(q.template, q.path, template, path); joined != template {
			template, endpoint, path = joined, q.http.Endpoint(joined), q.path
		}
	}
	q.endpoint, q.template, q.path = endpoint, template, path
}

// route returns the template captured so far, or "".
func (q *request) route() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.template
}

// fail notes an error of the request under its endpoint, which may become
// known only when the handler has returned.
func (q *request) fail(t catalog.ErrorType) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.failed, q.failure = true, t
	switch {
	case q.endpoint != nil:
		q.endpoint.Error(t)
	case len(q.failures) >= maxPendingFailures:
		q.http.Unmatched().Error(t)
	default:
		q.failures = append(q.failures, t)
	}
}

// settle ends the request: nothing that a goroutine left behind by the handler
// does changes it after that. It returns the endpoint, and the name of the last
// error that the handler recorded, if there is one.
func (q *request) settle(r *http.Request) (endpoint *catalog.Endpoint, failure string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.endpoint == nil {
		q.template = muxTemplate(r, r.Pattern)
		q.endpoint = q.http.Endpoint(q.template)
	}
	q.done = true
	for _, t := range q.failures {
		q.endpoint.Error(t)
	}
	q.failures = nil
	if q.failed {
		failure = q.http.ErrorTypeName(q.failure)
	}
	return q.endpoint, failure
}

// Fail counts an error of type t under the endpoint of the request in ctx, or
// reports that ctx carries none. A request with such an error is not counted a
// second time for its status.
func Fail(ctx context.Context, t catalog.ErrorType) bool {
	q := requestFrom(ctx)
	if q == nil {
		return false
	}
	q.fail(t)
	return true
}

// Route returns the route template of the request in ctx, as far as it is
// known, or "".
func Route(ctx context.Context) string {
	if q := requestFrom(ctx); q != nil {
		return q.route()
	}
	return ""
}
