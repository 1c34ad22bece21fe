package admin_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/telemetry/internal/admin"
)

func withProfiles(c admin.Config) admin.Config {
	c.Profiles = true
	return c
}

// everything is a request for each route, and for one that there is not.
func everything() []string {
	return []string{
		"GET /", "GET /metrics", "GET /health/detailed", "GET /health/db", "GET /telemetry/config",
		"GET /telemetry/loggers", "PUT /telemetry/loggers?level=debug", "DELETE /telemetry/loggers",
		"PUT /telemetry/loggers/a?level=debug", "DELETE /telemetry/loggers/a",
		"GET /telemetry/metrics", "PUT /telemetry/metrics/" + metric + "?enabled=false", "DELETE /telemetry/metrics/" + metric,
		"GET /debug/pprof/", "GET /debug/pprof/heap", "GET /debug/pprof/profile?seconds=60", "GET /debug/pprof/trace?seconds=60",
	}
}

func TestEveryRouteAsksForTheToken(t *testing.T) {
	h := serve(t, withProfiles(secured()), nil)
	var first string
	for name, authorization := range map[string]string{
		"nothing":           "",
		"another token":     "Bearer wrong",
		"half of it":        "Bearer " + token[:10],
		"more than it":      "Bearer " + token + "x",
		"no token":          "Bearer ",
		"another scheme":    "Basic " + token,
		"no scheme":         token,
		"two spaces":        "Bearer  " + token,
		"in other letters":  "Bearer " + strings.ToUpper(token),
		"a very long token": "Bearer " + strings.Repeat("x", 10_000),
	} {
		t.Run(name, func(t *testing.T) {
			for _, request := range append(everything(), "GET /nowhere", "POST /metrics", "OPTIONS /metrics", "POST /health", "GET /health/live/", "GET //health", "GET /health/../metrics") {
				method, target, _ := strings.Cut(request, " ")
				response := h.ask(method, "http://localhost"+target, header("Authorization", authorization))
				if response.Code != http.StatusUnauthorized || response.Header().Get("WWW-Authenticate") != `Bearer realm="admin"` {
					t.Errorf("%s: status %d, header %v", request, response.Code, response.Header())
				}
				if first == "" {
					first = response.Body.String()
				}
				if got := response.Body.String(); got != first || len(got) > 20 {
					t.Errorf("%s: body %q, that of others %q", request, got, first)
				}
			}
		})
	}
	if told := h.told(); len(told) != 0 {
		t.Errorf("changed: %v", told)
	}
}

func TestTokenOpensEveryRouteToEveryPeer(t *testing.T) {
	h := serve(t, withProfiles(secured()), nil)
	for _, request := range everything() {
		method, target, _ := strings.Cut(request, " ")
		for _, scheme := range []string{"Bearer ", "bearer "} {
			response := h.ask(method, strings.Replace(target, "=60", "=0.01", 1), header("Authorization", scheme+token), from("203.0.113.7:1234"), host("admin.example.com"))
			if response.Code != http.StatusOK {
				t.Errorf("%s: status %d: %s", request, response.Code, response.Body)
			}
		}
	}
}

func TestProbesNeedNoToken(t *testing.T) {
	h := serve(t, secured(), nil)
	for _, path := range []string{"/health", "/health/live", "/health/ready", "/health/startup"} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			if response := h.ask(method, path, from("203.0.113.7:1234"), host("10.0.0.1:9464")); response.Code != http.StatusOK {
				t.Errorf("%s %s: status %d", method, path, response.Code)
			}
		}
	}
}

func TestWithoutATokenOnlyThisMachineControls(t *testing.T) {
	config := withProfiles(local())
	config.Address = "localhost:0"
	h := serve(t, config, nil)
	for name, test := range map[string]struct {
		peer, host string
		want       int
	}{
		"a peer on this machine":                   {"127.0.0.1:1", "localhost:9464", http.StatusOK},
		"another loopback address":                 {"127.9.9.9:1", "127.9.9.9", http.StatusOK},
		"a peer over IPv6":                         {"[::1]:1", "[::1]:9464", http.StatusOK},
		"an IPv6 host without a port":              {"[::1]:1", "[::1]", http.StatusOK},
		"a peer with a mapped address":             {"[::ffff:127.0.0.1]:1", "LOCALHOST", http.StatusOK},
		"a peer on the network":                    {"10.0.0.2:1", "localhost:9464", http.StatusForbidden},
		"a peer on the network, by a name":         {"10.0.0.2:1", "evil.example", http.StatusForbidden},
		"a peer on the link":                       {"[fe80::1%eth0]:1", "localhost", http.StatusForbidden},
		"a peer without an address":                {"@", "localhost", http.StatusForbidden},
		"a name that was rebound":                  {"127.0.0.1:1", "evil.example:9464", http.StatusMisdirectedRequest},
		"a name that begins like localhost":        {"127.0.0.1:1", "localhost.evil.example", http.StatusMisdirectedRequest},
		"a name that begins like an address":       {"127.0.0.1:1", "127.0.0.1.evil.example", http.StatusMisdirectedRequest},
		"no name":                                  {"127.0.0.1:1", "", http.StatusMisdirectedRequest},
		"a port only":                              {"127.0.0.1:1", ":9464", http.StatusMisdirectedRequest},
		"several colons":                           {"127.0.0.1:1", "a:b:c", http.StatusMisdirectedRequest},
		"a name in brackets":                       {"127.0.0.1:1", "[evil.example]:1", http.StatusMisdirectedRequest},
		"a forwarded address proves nothing to us": {"10.0.0.2:1", "127.0.0.1", http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			for _, request := range everything() {
				method, target, _ := strings.Cut(request, " ")
				want := test.want
				if !strings.HasPrefix(target, "/telemetry/") && !strings.HasPrefix(target, "/debug/") {
					want = http.StatusOK
				}
				response := h.ask(method, strings.Replace(target, "=60", "=0.001", 1), from(test.peer), host(test.host), header("X-Forwarded-For", "127.0.0.1"))
				if response.Code != want {
					t.Errorf("%s: status %d, want %d: %s", request, response.Code, want, response.Body)
				}
			}
			for _, request := range []string{"GET /telemetry/nowhere", "POST /telemetry/config", "GET /debug/pprof/nothing"} {
				method, target, _ := strings.Cut(request, " ")
				if response := h.ask(method, target, from(test.peer), host(test.host)); (response.Code == test.want) != (test.want != http.StatusOK) {
					t.Errorf("%s: status %d", request, response.Code)
				}
			}
			if told := h.told(); (len(told) > 0) != (test.want == http.StatusOK) {
				t.Errorf("changed: %v", told)
			}
		})
	}
}

func TestConfiguredHostIsOurOwn(t *testing.T) {
	for header, want := range map[string]bool{
		"admin.internal:9464": true, "ADMIN.internal": true, "localhost": true, "10.0.0.1:1": true,
		"evil.example": false, "admin.internal.evil.example": false, "": false,
	} {
		if got := admin.OwnHost(header, "admin.internal"); got != want {
			t.Errorf("%q: %v", header, got)
		}
	}
}

func TestOtherSitesChangeNothing(t *testing.T) {
	for name, config := range map[string]admin.Config{"with a token": secured(), "without": local()} {
		for what, test := range map[string]struct {
			headers []func(*http.Request)
			want    int
		}{
			"no browser":         {nil, http.StatusOK},
			"the same origin":    {[]func(*http.Request){header("Sec-Fetch-Site", "same-origin")}, http.StatusOK},
			"another site":       {[]func(*http.Request){header("Sec-Fetch-Site", "cross-site")}, http.StatusForbidden},
			"another port":       {[]func(*http.Request){header("Sec-Fetch-Site", "same-site")}, http.StatusForbidden},
			"an old browser":     {[]func(*http.Request){header("Origin", "https://evil.example")}, http.StatusForbidden},
			"an opaque origin":   {[]func(*http.Request){header("Origin", "null")}, http.StatusForbidden},
			"the origin is ours": {[]func(*http.Request){header("Origin", "http://localhost:9464")}, http.StatusOK},
		} {
			t.Run(name+"/"+what, func(t *testing.T) {
				h := serve(t, config, nil)
				for _, request := range everything() {
					method, target, _ := strings.Cut(request, " ")
					if method == http.MethodGet {
						continue
					}
					response := h.ask(method, target, append(test.headers, bearer(token))...)
					if response.Code != test.want {
						t.Errorf("%s: status %d, want %d: %s", request, response.Code, test.want, response.Body)
					}
				}
				if told := h.told(); (len(told) > 0) != (test.want == http.StatusOK) {
					t.Errorf("changed: %v", told)
				}
			})
		}
	}
}

func TestOtherMethodsAreNotAllowed(t *testing.T) {
	h := serve(t, withProfiles(local()), nil)
	for path, allow := range map[string]string{
		"/":                            "GET, HEAD",
		"/metrics":                     "GET, HEAD",
		"/health":                      "GET, HEAD",
		"/health/live":                 "GET, HEAD",
		"/telemetry/config":            "GET, HEAD",
		"/telemetry/loggers":           "DELETE, GET, HEAD, PUT",
		"/telemetry/loggers/a":         "DELETE, PUT",
		"/telemetry/metrics":           "GET, HEAD",
		"/telemetry/metrics/" + metric: "DELETE, PUT",
		"/debug/pprof/":                "GET, HEAD",
		"/debug/pprof/profile":         "GET, HEAD",
	} {
		for _, method := range []string{"POST", "PATCH", "OPTIONS", "TRACE", "PROPFIND"} {
			response := h.ask(method, path)
			if response.Code != http.StatusMethodNotAllowed || response.Header().Get("Allow") != allow {
				t.Errorf("%s %s: status %d, allowed %q", method, path, response.Code, response.Header().Get("Allow"))
			}
		}
	}
}

func TestNoAnswerIsKept(t *testing.T) {
	h := serve(t, local(), nil)
	for request, code := range map[string]int{
		"GET /":                                       http.StatusOK,
		"GET /metrics":                                http.StatusOK,
		"GET /telemetry/loggers":                      http.StatusOK,
		"GET /nowhere":                                http.StatusNotFound,
		"POST /metrics":                               http.StatusMethodNotAllowed,
		"PUT /telemetry/loggers?level=x":              http.StatusBadRequest,
		"PUT /telemetry/metrics/x?enabled=false":      http.StatusNotFound,
		"GET /debug/pprof/":                           http.StatusNotFound,
		"GET /debug/pprof/heap":                       http.StatusNotFound,
		"PUT /telemetry/metrics/tutorflow_?enabled=x": http.StatusBadRequest,
	} {
		method, target, _ := strings.Cut(request, " ")
		response := h.ask(method, target)
		got := []string{response.Header().Get("Cache-Control"), response.Header().Get("X-Content-Type-Options")}
		if diff := cmp.Diff([]string{"no-store", "nosniff"}, got); diff != "" || response.Code != code {
			t.Errorf("%s: status %d, headers (-want +got):\n%s", request, response.Code, diff)
		}
	}
}

// errPart stands for what a part must not show.
var errPart = errors.New("postgres://admin:hunter2@db.internal")

func TestPanicOfAPartShowsNothing(t *testing.T) {
	h := serve(t, local(), func(p *admin.Parts) {
		p.Metrics = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(errPart) })
	})
	response := h.ask("GET", "/metrics")
	if response.Code != http.StatusInternalServerError || response.Body.String() != "Internal Server Error\n" {
		t.Errorf("status %d: %s", response.Code, response.Body)
	}
	if got := h.failures(); got != "serve admin: panic with a *errors.errorString" {
		t.Errorf("failed: %q", got)
	}
}
