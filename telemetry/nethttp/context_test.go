package nethttp_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/nethttp"
	"github.com/tutorflow/observability/telemetry/zaplog"
)

// answerID serves a request with id as X-Request-ID and returns the one of the
// response.
func answerID(tb testing.TB, r *rig, id string) string {
	tb.Helper()
	request := newRequest("GET", "/x")
	request.Header["X-Request-Id"] = []string{id}
	w := newFakeWriter()
	var inside string
	r.middleware.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { inside = zaplog.RequestID(r.Context()) })).ServeHTTP(w, request)
	answered := w.header.Get("X-Request-Id")
	if logged := r.record().requestID; logged != answered || inside != answered {
		tb.Errorf("answered %q, the handler saw %q, the access log %q", answered, inside, logged)
	}
	return answered
}

func TestRequestIDIsTakenOverOnlyIfHarmless(t *testing.T) {
	r := newRig(t, false)
	cases := []struct {
		name, id string
		taken    bool
	}{
		{"a UUID", "8f14e45f-ceea-467f-a8d5-1b2c3d4e5f60", true},
		{"all allowed punctuation", "a.b_c-d", true},
		{"64 bytes", strings.Repeat("x", 64), true},
		{"65 bytes", strings.Repeat("x", 65), false},
		{"900 kB", strings.Repeat("x", 900_000), false},
		{"none", "", false},
		{"a space", "a b", false},
		{"a tab", "a\tb", false},
		{"a line break", "a\r\nSet-Cookie: x", false},
		{"a quote", `a"b`, false},
		{"invalid UTF-8", "a\xff", false},
		{"Korean", "요청", false},
		{"a slash", "a/b", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := answerID(t, r, c.id)
			if (got == c.id) != c.taken {
				t.Errorf("answered %.80q, taken over should be %t", got, c.taken)
			}
			if !nethttp.ValidRequestID(got) {
				t.Errorf("answered %q, which is no valid id", got)
			}
		})
	}
}

func FuzzRequestID(f *testing.F) {
	for _, id := range []string{"", "abc", "a b", "\xff", strings.Repeat("x", 65)} {
		f.Add(id)
	}
	r := newRig(f, false)
	f.Fuzz(func(t *testing.T, id string) {
		r.tb = t
		got := answerID(t, r, id)
		if got == "" || len(got) > 64 || strings.Trim(got, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") != "" {
			t.Errorf("%q was answered with %q", id, got)
		}
	})
}

func TestNewRequestIDsDiffer(t *testing.T) {
	seen := make(map[string]bool)
	for range 10_000 {
		id := nethttp.NewRequestID()
		if seen[id] || len(id) != 32 {
			t.Fatalf("id %q is known or not 32 bytes", id)
		}
		seen[id] = true
	}
}

func TestUserOfAHandlerIsKnownAfterwards(t *testing.T) {
	r := newRig(t, true)
	h := copying(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		zaplog.WithUser(ctx, "user-7")
	}))
	if a := r.get(h, "GET", "/x"); a.user != "user-7" {
		t.Errorf("the access log has the user %q, want user-7", a.user)
	}
}

func TestRouteIsSettledWhenTheHandlerHasReturned(t *testing.T) {
	r := newRig(t, false)
	var ctx context.Context
	r.get(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx = r.Context()
		nethttp.SetRoute(ctx, "/x")
	}), "GET", "/x")
	nethttp.SetRoute(ctx, "/late")
	nethttp.Fail(ctx, catalog.ErrorTimeout)
	if got := nethttp.Route(ctx); got != "/x" {
		t.Errorf("the route became %q", got)
	}
	if n := r.series()[catalog.Errors+" /x timeout"]; n != 1 {
		t.Errorf("%d errors under the route after the end, want 1", n)
	}
}

func TestAccessRecordShowsTheRequestAsItCame(t *testing.T) {
	r := newRig(t, false)
	h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		r.Method, r.URL.Path = "POST", "/rewritten"
	})
	if a := r.get(h, "GET", "/x?secret=1"); a.Method != "GET" || a.Path != "/x" {
		t.Errorf("recorded %s %s, want GET /x", a.Method, a.Path)
	}
	for _, quiet := range []string{"/metrics", "/health", "/health/ready"} {
		r.middleware.Wrap(h).ServeHTTP(newFakeWriter(), newRequest("GET", quiet))
	}
	if len(r.records) != 0 {
		t.Errorf("%+v was recorded", r.record())
	}
	for _, loud := range []string{"/healthy", "/metrics/x", "/api/health"} {
		if a := r.get(h, "GET", loud); a.Path != loud {
			t.Errorf("recorded %s, want %s", a.Path, loud)
		}
	}
}

func TestHandlerContextCarriesItsParent(t *testing.T) {
	type key struct{}
	core, logs := observer.New(zap.InfoLevel)
	r := newRig(t, false, func(c *nethttp.Config) { c.Logger = zap.New(core) })
	parent, cancel := context.WithDeadline(context.WithValue(t.Context(), key{}, "value"), time.Now().Add(time.Hour))
	h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		want, _ := parent.Deadline()
		if got, ok := ctx.Deadline(); !ok || got != want {
			t.Errorf("deadline %v, want %v", got, want)
		}
		if ctx.Value(key{}) != "value" {
			t.Error("the parent's value is gone")
		}
		if text := fmt.Sprintf("%v %+v", ctx, ctx); strings.Contains(text, "writer") || len(text) > 200 {
			t.Errorf("printed, the context shows the whole request: %.200s", text)
		}
		zaplog.FromContext(ctx).Info("hello")

		before := runtime.NumGoroutine()
		var children []context.Context
		for range 100 {
			child, cancel := context.WithCancel(ctx)
			defer cancel()
			children = append(children, child)
		}
		if n := runtime.NumGoroutine() - before; n > 10 {
			t.Errorf("100 children of the context started %d goroutines", n)
		}
		cancel()
		for _, child := range append(children, ctx) {
			if child.Err() == nil {
				t.Fatal("the parent's end did not reach a child")
			}
		}
	})
	r.middleware.Wrap(h).ServeHTTP(newFakeWriter(), newRequest("GET", "/x").WithContext(parent))
	if logs.Len() != 1 {
		t.Errorf("%d lines in the logger of the config, want 1", logs.Len())
	}
}

func TestWithoutALoggerTheOuterOneStays(t *testing.T) {
	core, logs := observer.New(zap.InfoLevel)
	r := newRig(t, false)
	h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { zaplog.FromContext(r.Context()).Info("hello") })
	ctx := zaplog.IntoContext(t.Context(), zap.New(core))
	r.middleware.Wrap(h).ServeHTTP(newFakeWriter(), newRequest("GET", "/x").WithContext(ctx))
	if logs.Len() != 1 {
		t.Errorf("%d lines in the outer logger, want 1", logs.Len())
	}
}

func TestRequestsAreConcurrentSafe(t *testing.T) {
	for _, standard := range []bool{false, true} {
		r := newRig(t, standard)
		var left sync.WaitGroup
		inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer left.Done()
			// What a handler leaves behind may use the context after the end.
			for range 2 {
				left.Go(func() {
					ctx := r.Context()
					nethttp.SetRoute(ctx, "/late")
					nethttp.Fail(ctx, catalog.ErrorTimeout)
					zaplog.WithUser(ctx, "late")
					_, _, _ = nethttp.Route(ctx), zaplog.User(ctx), fmt.Sprint(ctx)
					_, _ = w.Write([]byte("late"))
				})
			}
			if r.URL.Path == "/slow" {
				<-r.Context().Done()
			}
		})
		h := r.middleware.Wrap(http.TimeoutHandler(inner, time.Millisecond, "late"))
		var clients sync.WaitGroup
		const n = 40
		for i := range n {
			// TimeoutHandler may answer before the handler has started.
			left.Add(1)
			clients.Go(func() {
				path := "/fast"
				if i%2 == 0 {
					path = "/slow"
				}
				h.ServeHTTP(newFakeWriter(), newRequest("GET", path))
			})
		}
		for range 10 {
			r.all()
		}
		clients.Wait()
		left.Wait()
		var requests, errors int64
		for name, count := range r.series() {
			if strings.HasPrefix(name, catalog.HTTPRequests+" ") {
				requests += count
			}
			if strings.HasPrefix(name, catalog.Errors+" ") && strings.HasSuffix(name, " timeout") {
				errors += count
			}
		}
		if requests != n || errors != 2*n {
			t.Errorf("standard=%t: %d requests and %d errors, want %d and %d", standard, requests, errors, n, 2*n)
		}
	}
}
