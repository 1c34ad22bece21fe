package nethttp

import (
	"context"
	"net/http"
	"strings"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// SetRoute names the route template of the request in ctx, for routers other
// than http.ServeMux: call it from a middleware of the router, where the route
// is known. The template comes from the program ("/bookings/{id}"), never from
// the request; beyond catalog.MaxEndpoints different ones it has no effect.
func SetRoute(ctx context.Context, template string) {
	if q := requestFrom(ctx); q != nil && template != "" {
		q.capture(q.http.Endpoint(template), template, "")
	}
}

// CaptureRoute notes the route of a plain mux that is not right inside the
// middleware: one behind http.StripPrefix, http.TimeoutHandler or a middleware
// that copies the request, or one inside another mux.
func CaptureRoute(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if q := requestFrom(r.Context()); q != nil {
			_, pattern := mux.Handler(r)
			if template := muxTemplate(r, pattern); template != "" {
				q.capture(q.http.Endpoint(template), template, r.URL.Path)
			}
		}
		mux.ServeHTTP(w, r)
	})
}

// muxTemplate returns the template of the pattern that an http.ServeMux has
// found for r, or "". When the mux redirects a CONNECT request to the path with
// a slash behind it, it gives that path, which is the client's, for the
// pattern; so a pattern of this form is not taken.
func muxTemplate(r *http.Request, pattern string) string {
	if r.Method == http.MethodConnect && r.URL.Path != "" && strings.HasPrefix(pattern, "/") && strings.HasSuffix(pattern, "/") {
		return ""
	}
	return catalog.Template(pattern)
}

// joinTemplates puts the part of the outer route that was stripped off the
// path in front of the inner route. The part is taken from the outer template,
// not from the path, since the path is the client's.
func joinTemplates(outer, outerPath, inner, innerPath string) string {
	stripped, ok := strings.CutSuffix(outerPath, innerPath)
	// A route that SetRoute names has no path and is whole.
	if innerPath == "" || !ok || !strings.HasPrefix(stripped, "/") || !strings.HasPrefix(outer, "/") || !strings.HasPrefix(inner, "/") {
		return inner
	}
	end := 0
	for range strings.Count(strings.TrimSuffix(stripped, "/"), "/") {
		next := strings.IndexByte(outer[end+1:], '/')
		if next < 0 {
			return inner
		}
		end += 1 + next
	}
	if strings.Contains(outer[:end], "...") {
		return inner
	}
	return outer[:end] + inner
}
