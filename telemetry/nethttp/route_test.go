package nethttp_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/nethttp"
)

func ok(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }

func plain(patterns ...string) *http.ServeMux {
	mux := http.NewServeMux()
	for _, p := range patterns {
		mux.HandleFunc(p, ok)
	}
	return mux
}

func ours(h *catalog.HTTP, patterns ...string) *nethttp.ServeMux {
	mux := nethttp.NewServeMux(h)
	for _, p := range patterns {
		mux.HandleFunc(p, ok)
	}
	return mux
}

// copying is a middleware that copies the request.
func copying(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(r.Context()).Clone(r.Context()))
	})
}

func over(h *catalog.HTTP, pattern string, inner http.Handler) http.Handler {
	mux := nethttp.NewServeMux(h)
	mux.Handle(pattern, inner)
	return mux
}

func TestRouteIsKnown(t *testing.T) {
	const u = catalog.UnmatchedEndpoint
	cases := []struct {
		name   string
		build  func(h *catalog.HTTP) http.Handler
		method string
		target string
		route  string
		status int
	}{
		{"plain mux", func(*catalog.HTTP) http.Handler { return plain("GET /u/{id}") }, "GET", "/u/7", "/u/{id}", 200},
		{"plain mux, 404", func(*catalog.HTTP) http.Handler { return plain("GET /u/{id}") }, "GET", "/none", u, 404},
		{"plain mux, 405", func(*catalog.HTTP) http.Handler { return plain("GET /u/{id}") }, "POST", "/u/7", u, 405},
		{"plain mux, clean path", func(*catalog.HTTP) http.Handler { return plain("GET /u/{id}") }, "GET", "//u//7", "/u/{id}", 307},
		{"plain mux, slash added", func(*catalog.HTTP) http.Handler { return plain("/u/{id}/") }, "GET", "/u/7", "/u/{id}/", 307},
		{"plain mux, CONNECT redirected", func(*catalog.HTTP) http.Handler { return plain("/u/{id}/") }, "CONNECT", "/u/7", u, 307},
		{"plain mux, CONNECT matched", func(*catalog.HTTP) http.Handler { return plain("/u/{id}") }, "CONNECT", "/u/7", "/u/{id}", 200},
		{"plain mux, host", func(*catalog.HTTP) http.Handler { return plain("example.com/u/{id}") }, "GET", "http://example.com/u/7", "/u/{id}", 200},
		{"plain mux behind a copy", func(*catalog.HTTP) http.Handler { return copying(plain("/u/{id}")) }, "GET", "/u/7", u, 200},
		{"plain mux captured behind a copy", func(*catalog.HTTP) http.Handler { return copying(nethttp.CaptureRoute(plain("/u/{id}"))) }, "GET", "/u/7", "/u/{id}", 200},
		{"plain mux captured, 404", func(*catalog.HTTP) http.Handler { return copying(nethttp.CaptureRoute(plain("/u/{id}"))) }, "GET", "/none", u, 404},
		{"plain mux captured, CONNECT redirected", func(*catalog.HTTP) http.Handler { return nethttp.CaptureRoute(plain("/u/{id}/")) }, "CONNECT", "/u/7", u, 307},

		{"our mux", func(h *catalog.HTTP) http.Handler { return ours(h, "GET /u/{id}") }, "GET", "/u/7", "/u/{id}", 200},
		{"our mux, HEAD", func(h *catalog.HTTP) http.Handler { return ours(h, "GET /u/{id}") }, "HEAD", "/u/7", "/u/{id}", 200},
		{"our mux, rest", func(h *catalog.HTTP) http.Handler { return ours(h, "/files/{rest...}") }, "GET", "/files/a/b", "/files/{rest...}", 200},
		{"our mux, root alone", func(h *catalog.HTTP) http.Handler { return ours(h, "/{$}") }, "GET", "/", "/{$}", 200},
		{"our mux, host", func(h *catalog.HTTP) http.Handler { return ours(h, "GET example.com/u/{id}") }, "GET", "http://example.com/u/7", "/u/{id}", 200},
		{"our mux, 404", func(h *catalog.HTTP) http.Handler { return ours(h, "/u/{id}") }, "GET", "/none", u, 404},
		{"our mux, 405", func(h *catalog.HTTP) http.Handler { return ours(h, "GET /u/{id}") }, "POST", "/u/7", u, 405},
		{"our mux, clean path", func(h *catalog.HTTP) http.Handler { return ours(h, "/u/{id}") }, "GET", "//u//7", "/u/{id}", 307},
		{"our mux, slash added", func(h *catalog.HTTP) http.Handler { return ours(h, "/u/{id}/") }, "GET", "/u/7", "/u/{id}/", 307},
		{"our mux, CONNECT redirected", func(h *catalog.HTTP) http.Handler { return ours(h, "/u/{id}/") }, "CONNECT", "/u/7", u, 307},
		{"our mux, CONNECT matched", func(h *catalog.HTTP) http.Handler { return ours(h, "/u/{id}/") }, "CONNECT", "/u/7/x", "/u/{id}/", 200},
		{"our mux behind a copy", func(h *catalog.HTTP) http.Handler { return copying(ours(h, "/u/{id}")) }, "GET", "/u/7", "/u/{id}", 200},
		{"our mux behind a copy, slash added", func(h *catalog.HTTP) http.Handler { return copying(ours(h, "/u/{id}/")) }, "GET", "/u/7", "/u/{id}/", 307},
		{"our mux in TimeoutHandler", func(h *catalog.HTTP) http.Handler {
			return http.TimeoutHandler(ours(h, "/u/{id}"), time.Minute, "")
		}, "GET", "/u/7", "/u/{id}", 200},
		{"our mux in our mux, prefix stripped", func(h *catalog.HTTP) http.Handler {
			return over(h, "/api/", http.StripPrefix("/api", ours(h, "GET /u/{id}")))
		}, "GET", "/api/u/7", "/api/u/{id}", 200},
		{"plain mux in our mux, prefix stripped", func(h *catalog.HTTP) http.Handler {
			return over(h, "/api/", http.StripPrefix("/api", nethttp.CaptureRoute(plain("GET /u/{id}"))))
		}, "GET", "/api/u/7", "/api/u/{id}", 200},
		{"plain mux not captured in our mux", func(h *catalog.HTTP) http.Handler {
			return over(h, "/api/", http.StripPrefix("/api", plain("GET /u/{id}")))
		}, "GET", "/api/u/7", "/api/", 200},
		{"wildcard in the stripped prefix", func(h *catalog.HTTP) http.Handler {
			return over(h, "/t/{tenant}/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.StripPrefix("/t/"+r.PathValue("tenant"), ours(h, "/u/{id}")).ServeHTTP(w, r)
			}))
		}, "GET", "/t/acme/u/7", "/t/{tenant}/u/{id}", 200},
		{"three muxes, two prefixes stripped", func(h *catalog.HTTP) http.Handler {
			return over(h, "/api/", http.StripPrefix("/api", over(h, "/v1/", http.StripPrefix("/v1", ours(h, "/u/{id}")))))
		}, "GET", "/api/v1/u/7", "/api/v1/u/{id}", 200},
		{"nested muxes, nothing stripped", func(h *catalog.HTTP) http.Handler { return over(h, "/api/", ours(h, "/api/u/{id}")) }, "GET", "/api/u/7", "/api/u/{id}", 200},
		{"inner mux, 404", func(h *catalog.HTTP) http.Handler {
			return over(h, "/api/", http.StripPrefix("/api", ours(h, "/u/{id}")))
		}, "GET", "/api/none", "/api/", 404},
		{"stripped, captured and timed", func(h *catalog.HTTP) http.Handler {
			return http.TimeoutHandler(copying(http.StripPrefix("/api", ours(h, "/u/{id}"))), time.Minute, "")
		}, "GET", "/api/u/7", "/u/{id}", 200},

		{"SetRoute", func(*catalog.HTTP) http.Handler { return setting("/s/{id}") }, "GET", "/s/7", "/s/{id}", 200},
		{"SetRoute inside our mux", func(h *catalog.HTTP) http.Handler { return over(h, "/", setting("/s/{id}")) }, "GET", "/s/7", "/s/{id}", 200},
		{"SetRoute of the outer route itself", func(h *catalog.HTTP) http.Handler { return over(h, "/api/v1/", setting("/api/v1/")) }, "GET", "/api/v1/", "/api/v1/", 200},
		{"SetRoute of nothing", func(*catalog.HTTP) http.Handler { return setting("") }, "GET", "/s/7", u, 200},
		{"SetRoute of 300 bytes", func(*catalog.HTTP) http.Handler { return setting("/" + strings.Repeat("x", 300)) }, "GET", "/s/7", "/" + strings.Repeat("x", 127), 200},
		{"SetRoute of bad UTF-8", func(*catalog.HTTP) http.Handler { return setting("/\xff") }, "GET", "/s/7", "/\uFFFD", 200},
		{"bare handler", func(*catalog.HTTP) http.Handler { return http.HandlerFunc(ok) }, "GET", "/s/7", u, 200},
		{"asterisk", func(h *catalog.HTTP) http.Handler { return ours(h, "/u/{id}") }, "OPTIONS", "*", u, 400},
	}
	for _, c := range cases {
		for _, standard := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/standard=%t", c.name, standard), func(t *testing.T) {
				r := newRig(t, standard)
				a := r.get(c.build(r.http), c.method, c.target)
				if a.Route != c.route || a.Status != c.status {
					t.Errorf("recorded %s %d, want %s %d", a.Route, a.Status, c.route, c.status)
				}
				want := map[string]int64{
					fmt.Sprintf("%s %s %s %d", catalog.HTTPRequests, c.route, c.method, c.status): 1,
					fmt.Sprintf("%s %s %s", catalog.HTTPRequestDuration, c.route, c.method):       1,
				}
				all := r.series()
				if diff := cmp.Diff(want, contract(all)); diff != "" {
					t.Errorf("series differ (-want +got):\n%s", diff)
				}
				if standard {
					checkSpan(t, r, all, c.method, c.route, c.status)
				}
			})
		}
	}
}

func setting(template string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		nethttp.SetRoute(r.Context(), template)
		ok(w, r)
	})
}

// checkSpan checks the name and the route of the only span, and the series of
// otelhttp.
func checkSpan(t *testing.T, r *rig, all map[string]int64, method, route string, status int) {
	t.Helper()
	name, series := method, fmt.Sprintf("%s %s %d http 1.1 tutorflow-api http", standardDuration, method, status)
	spanRoute := ""
	if route != catalog.UnmatchedEndpoint {
		name, spanRoute = name+" "+route, route
		series = fmt.Sprintf("%s %s %d %s http 1.1 tutorflow-api http", standardDuration, method, status, route)
	}
	spans := r.spans.Ended()
	if len(spans) != 1 || spans[0].Name() != name {
		t.Fatalf("%d spans, the first called %q, want one called %q", len(spans), spans[0].Name(), name)
	}
	got := ""
	for _, a := range spans[0].Attributes() {
		if a.Key == "http.route" {
			got = a.Value.AsString()
		}
	}
	if got != spanRoute {
		t.Errorf("http.route of the span is %q, want %q", got, spanRoute)
	}
	if all[series] != 1 {
		t.Errorf("no series %q in\n%s", series, sortedLines(all))
	}
}

func TestRouteHookIsAskedWhereNoMuxKnows(t *testing.T) {
	cases := []struct {
		name  string
		hook  func(*http.Request) string
		inner func(*catalog.HTTP) http.Handler
		route string
	}{
		{"named", func(*http.Request) string { return "/h/{id}" }, func(*catalog.HTTP) http.Handler { return http.HandlerFunc(ok) }, "/h/{id}"},
		{"nothing", func(*http.Request) string { return "" }, func(*catalog.HTTP) http.Handler { return http.HandlerFunc(ok) }, "unmatched"},
		{"panic", func(*http.Request) string { panic("x") }, func(*catalog.HTTP) http.Handler { return http.HandlerFunc(ok) }, "unmatched"},
		{"our mux knows better", func(*http.Request) string { return "/h/{id}" }, func(h *catalog.HTTP) http.Handler { return ours(h, "/x") }, "/x"},
		{"plain mux knows less", func(*http.Request) string { return "/h/{id}" }, func(*catalog.HTTP) http.Handler { return plain("/") }, "/h/{id}"},
		{"plain mux alone knows", func(*http.Request) string { return "" }, func(*catalog.HTTP) http.Handler { return plain("/x") }, "/x"},
		{"handler panics", func(*http.Request) string { return "/h/{id}" }, func(*catalog.HTTP) http.Handler {
			return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("x") })
		}, "/h/{id}"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, false, func(config *nethttp.Config) { config.Route = c.hook })
			if a := r.get(c.inner(r.http), "GET", "/x"); a.Route != c.route {
				t.Errorf("route %q, want %q", a.Route, c.route)
			}
		})
	}
}

func TestRoutesBeyondTheLimitAreUnmatched(t *testing.T) {
	r := newRig(t, true)
	h := r.middleware.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { nethttp.SetRoute(r.Context(), r.URL.Path) }))
	for i := range catalog.MaxEndpoints + 50 {
		h.ServeHTTP(newFakeWriter(), newRequest("GET", fmt.Sprintf("/path/%d", i)))
	}
	all := r.series()
	if n := all[catalog.HTTPRequests+" unmatched GET 200"]; n != 50 {
		t.Errorf("%d requests are unmatched, want 50", n)
	}
	series := 0
	for name := range all {
		if strings.HasPrefix(name, standardDuration) {
			series++
		}
	}
	if series != catalog.MaxEndpoints+1 {
		t.Errorf("otelhttp has %d series, want %d", series, catalog.MaxEndpoints+1)
	}
}

func TestTemplatesThatAreCutAlikeAreOneEndpoint(t *testing.T) {
	r := newRig(t, false)
	long := "/" + strings.Repeat("x", 200)
	if r.http.Endpoint(long+"a") != r.http.Endpoint(long+"b") || r.http.Endpoint("/a") == r.http.Endpoint("/b") {
		t.Error("an endpoint is not what its label says")
	}
}

func TestNestedMiddlewaresRecordOnce(t *testing.T) {
	for _, standard := range []bool{false, true} {
		r := newRig(t, standard)
		inner := newRig(t, standard)
		mux := ours(r.http, "/x")
		r.get(r.middleware.Wrap(inner.middleware.Wrap(copying(r.middleware.Wrap(mux)))), "GET", "/x")
		want := map[string]int64{catalog.HTTPRequests + " /x GET 200": 1, catalog.HTTPRequestDuration + " /x GET": 1}
		if diff := cmp.Diff(want, contract(r.series())); diff != "" {
			t.Errorf("standard=%t: series differ (-want +got):\n%s", standard, diff)
		}
		if n := len(r.spans.Ended()); standard && n != 1 {
			t.Errorf("%d spans, want 1", n)
		}
		if got := contract(inner.series()); len(got) != 0 || len(inner.spans.Ended()) != 0 || len(r.records) != 0 {
			t.Errorf("standard=%t: the inner middleware recorded %v", standard, got)
		}
	}
}

func TestMuxHandlerReturnsWhatWasRegistered(t *testing.T) {
	r := newRig(t, false)
	mux := nethttp.NewServeMux(r.http)
	registered := setting("/x")
	mux.Handle("GET /x", copying(registered))
	if _, pattern := mux.Handler(newRequest("GET", "/x")); pattern != "GET /x" {
		t.Errorf("pattern %q, want GET /x", pattern)
	}
	if _, pattern := mux.Handler(newRequest("GET", "/none")); pattern != "" {
		t.Errorf("pattern %q, want none", pattern)
	}
	for name, register := range map[string]func(){
		"nil handler":       func() { mux.Handle("/nil", nil) },
		"nil function":      func() { mux.HandleFunc("/nil", nil) },
		"malformed pattern": func() { mux.HandleFunc("/{", ok) },
		"pattern twice":     func() { mux.HandleFunc("GET /x", ok) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			register()
		}()
	}
}

func TestRegisteredRoutesStartAtZero(t *testing.T) {
	r := newRig(t, false)
	ours(r.http, "GET /u/{id}")
	all := r.all()
	for _, series := range []string{catalog.HTTPRequests + " /u/{id} GET 500", catalog.Errors + " /u/{id} panic", catalog.HTTPRequestsActive} {
		if n, known := all[series]; !known || n != 0 {
			t.Errorf("%s is %d, known %t; want 0", series, n, known)
		}
	}
}

func TestErrorsOfARequestAreCountedUnderItsRoute(t *testing.T) {
	r := newRig(t, false)
	fail := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !nethttp.Fail(r.Context(), catalog.ErrorTimeout) {
			t.Error("no request in the context of a handler")
		}
		w.WriteHeader(500)
	})
	mux := http.NewServeMux()
	mux.Handle("/x", fail)
	r.get(mux, "GET", "/x")
	if nethttp.Fail(t.Context(), catalog.ErrorTimeout) {
		t.Error("a request in the context of a test")
	}
	r.get(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		for range 100 {
			nethttp.Fail(r.Context(), catalog.ErrorDatabase)
		}
		nethttp.SetRoute(r.Context(), "/x")
	}), "GET", "/x")
	all := r.series()
	if n := all[catalog.Errors+" /x timeout"]; n != 1 || all[catalog.Errors+" /x server_error"] != 0 {
		t.Errorf("errors of a 500 with an own error:\n%s", sortedLines(all))
	}
	if known, early := all[catalog.Errors+" /x database"], all[catalog.Errors+" unmatched database"]; known+early != 100 || known == 0 {
		t.Errorf("%d errors under the route and %d before it, want 100 in all", known, early)
	}
}

func TestJoinTemplates(t *testing.T) {
	cases := []struct{ name, outer, outerPath, inner, innerPath, want string }{
		{"prefix", "/api/", "/api/u/7", "/u/{id}", "/u/7", "/api/u/{id}"},
		{"wildcard prefix", "/t/{tenant}/", "/t/acme/u/7", "/u/{id}", "/u/7", "/t/{tenant}/u/{id}"},
		{"prefix of two segments", "/api/v1/", "/api/v1/u", "/u", "/u", "/api/v1/u"},
		{"root of the inner mux", "/api/", "/api/", "/{$}", "/", "/api/{$}"},
		{"nothing stripped", "/api/", "/api/u", "/api/u", "/api/u", "/api/u"},
		{"a rest wildcard in the prefix", "/f/{rest...}", "/f/a/b/u", "/u", "/u", "/u"},
		{"a path that was rewritten", "/api/", "/api/u", "/v", "/v", "/v"},
		{"a whole route", "/api/v1/", "/api/v1/", "/api/v1/", "", "/api/v1/"},
		{"a prefix longer than the outer template", "/", "/a/b/u", "/u", "/u", "/u"},
		{"an encoded slash", "/t/{tenant}/", "/t/a/b/u", "/u", "/u", "/u"},
		{"no outer path", "/x", "", "/u", "/u", "/u"},
		{"no inner template", "/x/", "/x/u", "", "/u", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := nethttp.JoinTemplates(c.outer, c.outerPath, c.inner, c.innerPath); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzJoinTemplates(f *testing.F) {
	f.Add("/api/", "/api/u/7", "/u/{id}", "/u/7")
	f.Add("/t/{tenant}/", "/t/acme/u/7", "/u/{id}", "/u/7")
	f.Add("", "/", "/", "")
	f.Add("x", "///", "/u", "/")
	f.Add("", "/0/u/7", "/", "7")
	f.Fuzz(func(t *testing.T, outer, outerPath, inner, innerPath string) {
		got := nethttp.JoinTemplates(outer, outerPath, inner, innerPath)
		prefix, found := strings.CutSuffix(got, inner)
		if !found || !strings.HasPrefix(outer, prefix) {
			t.Errorf("%q is not a part of %q and %q", got, outer, inner)
		}
	})
}
