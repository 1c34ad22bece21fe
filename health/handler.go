package health

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// Mux is what Mount needs of a router. *http.ServeMux is one.
type Mux interface {
	Handle(pattern string, handler http.Handler)
}

// Mount registers the paths on a mux that understands the patterns of http.ServeMux, each
// as "GET /health/…", which matches HEAD as well; the mux answers other methods with 405.
// For any other router see [Checker.Handler].
func (c *Checker) Mount(mux Mux) {
	for path, handler := range c.routes() {
		mux.Handle("GET "+path, handler)
	}
}

// Handler serves all paths, with their prefix. It answers methods other than GET and HEAD
// with 405, and unknown paths with 404.
func (c *Checker) Handler() http.Handler {
	mux := http.NewServeMux()
	for path, handler := range c.routes() {
		mux.Handle(path, handler)
	}
	return mux
}

// Details serves the detailed body on any path, for an internal listener. See
// [WithoutDetails].
func (c *Checker) Details() http.Handler { return c.handler((*Checker).serveDetailed) }

func (c *Checker) routes() map[string]http.Handler {
	prefix := c.cfg.prefix
	routes := map[string]http.Handler{
		prefix:              c.handler((*Checker).serveHealth),
		prefix + "/ready":   c.handler((*Checker).serveReady),
		prefix + "/live":    c.handler((*Checker).serveLive),
		prefix + "/startup": c.handler((*Checker).serveStartup),
		prefix + "/db":      c.handler((*Checker).serveDatabase),
	}
	if !c.cfg.hideDetails {
		routes[prefix+"/detailed"] = c.Details()
	}
	return routes
}

// handler turns a function that gives a status code and a body into an http.Handler. The
// function sees nothing of the request: what is answered depends on the checks alone.
func (c *Checker) handler(serve func(*Checker) (code int, body any)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		code, body := serve(c)
		data, err := json.Marshal(body)
		if err != nil { // The bodies hold strings and finite numbers only.
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			return
		}
		header := w.Header()
		header.Set("Content-Type", "application/json")
		header.Set("Content-Length", strconv.Itoa(len(data)))
		header.Set("Cache-Control", "no-store")
		header.Set("X-Content-Type-Options", "nosniff")
		w.WriteHeader(code)
		if r.Method == http.MethodGet {
			_, _ = w.Write(data) // The prober has gone; there is nobody to tell.
		}
	})
}

func (c *Checker) timestamp() string { return timestamp(c.cfg.wall()) }

// codeFor is 503 for what is unhealthy.
func codeFor(s Status) int {
	if s == StatusUnhealthy {
		return http.StatusServiceUnavailable
	}
	return http.StatusOK
}

func (c *Checker) serveHealth() (int, any) {
	status := c.overall(c.results())
	return codeFor(status), healthBody{status, c.timestamp(), c.version}
}

func (c *Checker) serveDetailed() (int, any) {
	now := c.cfg.wall()
	results := c.results()
	status := c.overall(results)
	return codeFor(status), detailedBody{
		healthBody: healthBody{status, timestamp(now), c.version},
		Components: c.components(results, now),
		System:     c.system.body(),
	}
}

func (c *Checker) serveReady() (int, any) {
	if reason := c.notReady(); reason != "" {
		return http.StatusServiceUnavailable, probeBody{StatusNotReady, c.timestamp(), reason}
	}
	return http.StatusOK, probeBody{Status: StatusReady, Timestamp: c.timestamp()}
}

// serveLive looks at no check: a restart repairs no dependency.
func (c *Checker) serveLive() (int, any) {
	return http.StatusOK, probeBody{Status: StatusAlive, Timestamp: c.timestamp()}
}

func (c *Checker) serveStartup() (int, any) {
	if !c.started() {
		return http.StatusServiceUnavailable, probeBody{Status: StatusStarting, Timestamp: c.timestamp()}
	}
	return http.StatusOK, probeBody{Status: StatusStarted, Timestamp: c.timestamp()}
}

func (c *Checker) serveDatabase() (int, any) {
	worst, ok := c.database()
	if !ok {
		return http.StatusNotFound, errorBody{"no database check", c.timestamp()}
	}
	state := databaseState{Status: worst.status, LatencyMS: milliseconds(worst.latency), Reason: worst.reason}
	return codeFor(worst.status), databaseBody{state, c.timestamp()}
}
