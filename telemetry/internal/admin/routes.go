package admin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// route is one route, with what the index says of it.
type route struct {
	pattern, what string
	serve         http.HandlerFunc
}

// open are the routes that everyone may ask for where there is no token.
func (s *Server) open() []route {
	open := []route{
		{"GET /health", "the health checks", s.serveHealth},
		{"GET /health/", "below it: detailed, ready, live, startup, db", s.serveHealth},
	}
	if s.parts.Metrics != nil {
		open = append(open, route{"GET /metrics", "the metrics", s.parts.Metrics.ServeHTTP})
	}
	return open
}

// guarded are the routes below /telemetry/ and /debug/.
func (s *Server) guarded() []route {
	var guarded []route
	if s.parts.Config != nil {
		guarded = append(guarded, route{"GET /telemetry/config", "the effective configuration", s.serveConfig})
	}
	if s.parts.Levels != nil {
		guarded = append(guarded, s.loggerRoutes()...)
	}
	if s.parts.Switches != nil {
		guarded = append(guarded, s.metricRoutes()...)
	}
	if s.config.Profiles {
		guarded = append(guarded, s.profileRoutes()...)
	}
	return guarded
}

func (s *Server) routes() http.Handler {
	open, guarded := s.open(), s.guarded()
	controls := http.NewServeMux()
	for _, r := range guarded {
		controls.Handle(r.pattern, r.serve)
	}
	mux := http.NewServeMux()
	for _, r := range open {
		mux.Handle(r.pattern, r.serve)
	}
	// For every method, so that a stranger is not even told which there are.
	mux.Handle("/telemetry/", s.local(controls))
	mux.Handle("/debug/", s.local(controls))

	var index strings.Builder
	for _, r := range slices.Concat(open, guarded) {
		fmt.Fprintf(&index, "%-38s %s\n", strings.TrimSuffix(r.pattern, "{$}"), r.what)
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { answerText(w, []byte(index.String())) })
	return mux
}

func (s *Server) serveHealth(w http.ResponseWriter, r *http.Request) {
	health := s.health.Load()
	if health == nil {
		http.Error(w, "no health checks are registered", http.StatusNotFound)
		return
	}
	(*health).ServeHTTP(w, r)
}

func (s *Server) serveConfig(w http.ResponseWriter, _ *http.Request) {
	var text bytes.Buffer
	if err := s.parts.Config(&text); err != nil {
		s.fail(fmt.Errorf("write configuration: %w", err))
		http.Error(w, "the configuration cannot be shown, the log says why", http.StatusInternalServerError)
		return
	}
	answerText(w, text.Bytes())
}

func answerText(w http.ResponseWriter, text []byte) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write(text) // The client has gone; there is nobody to tell.
}

func answerJSON(w http.ResponseWriter, body any) {
	data, err := json.Marshal(body)
	if err != nil { // The bodies hold strings and times only.
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(data, '\n'))
}

// refuse answers with what is wrong with the request.
func refuse(w http.ResponseWriter, err error) {
	http.Error(w, cut(err.Error()), http.StatusBadRequest)
}

// parameters returns those of the request. One that is not allowed is an error,
// since a mistyped one would be silently without effect.
func parameters(r *http.Request, allowed ...string) (map[string]string, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fmt.Errorf("parameters %.64q: allowed is name=value&…", r.URL.RawQuery)
	}
	found := make(map[string]string, len(query))
	for name, values := range query {
		switch {
		case len(allowed) == 0:
			return nil, fmt.Errorf("parameter %.64q: none is allowed", name)
		case !slices.Contains(allowed, name):
			return nil, fmt.Errorf("parameter %.64q: allowed are %s", name, strings.Join(allowed, ", "))
		case len(values) > 1:
			return nil, fmt.Errorf("parameter %s: given %d times, allowed is once", name, len(values))
		}
		found[name] = values[0]
	}
	return found, nil
}

// How long a change lasts.
const (
	defaultExpiry = 15 * time.Minute
	maxExpiry     = 24 * time.Hour
)

// expiry reads the parameter that says how long a change lasts.
func expiry(parameters map[string]string) (time.Duration, error) {
	text, given := parameters["for"]
	if !given {
		return defaultExpiry, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 || d > maxExpiry {
		return 0, fmt.Errorf("for %.64q: allowed is a duration like 10m, at most 24h", text)
	}
	return d, nil
}
