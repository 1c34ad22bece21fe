package health_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/health"
)

func TestHandlersAnswerGetAndHeadOnly(t *testing.T) {
	c := start(t)
	mux := http.NewServeMux()
	c.Mount(mux)
	for name, h := range map[string]http.Handler{"mounted": mux, "handler": c.Handler()} {
		for _, path := range paths {
			t.Run(name+path, func(t *testing.T) {
				for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PROPFIND"} {
					rec := httptest.NewRecorder()
					h.ServeHTTP(rec, httptest.NewRequest(method, path, nil))
					if rec.Code != http.StatusMethodNotAllowed || rec.Header().Get("Allow") != "GET, HEAD" {
						t.Errorf("%s: %d with Allow %q", method, rec.Code, rec.Header().Get("Allow"))
					}
				}

				get, head := probe(h, path+"?"+strings.Repeat("x=y&", 10_000)), httptest.NewRecorder()
				h.ServeHTTP(head, httptest.NewRequest(http.MethodHead, path, nil))
				if head.Code != get.Code || head.Body.Len() != 0 {
					t.Errorf("HEAD: %d with %d bytes, GET: %d", head.Code, head.Body.Len(), get.Code)
				}
				want := http.Header{
					"Content-Type":           {"application/json"},
					"Content-Length":         {fmt.Sprint(get.Body.Len())},
					"Cache-Control":          {"no-store"},
					"X-Content-Type-Options": {"nosniff"},
				}
				if diff := cmp.Diff(want, get.Header()); diff != "" {
					t.Errorf("headers (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestUnknownPathsAreNotFound(t *testing.T) {
	h := start(t).Handler()
	for _, path := range []string{"/", "/health/", "/health/readyz", "/healthz"} {
		expect(t, h, path, http.StatusNotFound, "")
	}
}

func TestDetailsCanLiveElsewhere(t *testing.T) {
	c := start(t, health.WithPrefix("/internal/health"), health.WithoutDetails())
	public := http.NewServeMux()
	c.Mount(public)
	for _, h := range []http.Handler{public, c.Handler()} {
		expect(t, h, "/internal/health", http.StatusOK, "")
		expect(t, h, "/internal/health/ready", http.StatusOK, "")
		expect(t, h, "/internal/health/detailed", http.StatusNotFound, "")
		expect(t, h, "/health", http.StatusNotFound, "")
	}
	if body := probe(c.Details(), "/anything").Body.String(); !strings.Contains(body, `"components":`) {
		t.Errorf("no details: %s", body)
	}
}

func TestAggregation(t *testing.T) {
	runs := map[string]func(context.Context) error{"healthy": passes, "degraded": degrades, "unhealthy": fails}
	cases := []struct {
		critical, optional string
		want               string
		code               int
	}{
		{"healthy", "healthy", "healthy", 200},
		{"healthy", "degraded", "degraded", 200},
		{"healthy", "unhealthy", "degraded", 200},
		{"degraded", "healthy", "degraded", 200},
		{"degraded", "degraded", "degraded", 200},
		{"degraded", "unhealthy", "degraded", 200},
		{"unhealthy", "healthy", "unhealthy", 503},
		{"unhealthy", "degraded", "unhealthy", 503},
		{"unhealthy", "unhealthy", "unhealthy", 503},
	}
	for _, tc := range cases {
		t.Run("critical "+tc.critical+", optional "+tc.optional, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				critical := health.Check{Name: "critical", Run: runs[tc.critical]}
				optional := health.Check{Name: "optional", Run: runs[tc.optional], NonCritical: true}
				for _, parts := range [][]health.Part{{critical, optional}, {optional, critical}} {
					h := start(t, parts...).Handler()
					synctest.Wait()
					expect(t, h, "/health", tc.code, `{"status":"`+tc.want+`","timestamp":"2000-01-01T00:00:00.000Z","version":"1.4.0"}`)
					expect(t, h, "/health/ready", tc.code, "")
				}
			})
		})
	}
}

func TestReadinessNamesTheFirstCriticalCheckThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t,
			health.Check{Name: "optional", Run: fails, NonCritical: true},
			health.Check{Name: "good", Run: passes},
			health.Check{Name: "second", Run: panics},
			health.Check{Name: "third", Run: fails},
		).Handler()
		synctest.Wait()
		expect(t, h, "/health/ready", 503, `{"status":"not_ready","timestamp":"2000-01-01T00:00:00.000Z","reason":"second: panic"}`)
	})
}

func TestDatabasePathShowsTheFirstOfEquallyBadOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t,
			health.Check{Name: "replica", Kind: health.KindDatabase, Run: degrades},
			health.Check{Name: "primary", Kind: health.KindDatabase, Run: panics},
			health.Check{Name: "archive", Kind: health.KindDatabase, Run: fails},
		).Handler()
		synctest.Wait()
		const want = `"database":{"status":"unhealthy","latency_ms":0,`
		expect(t, h, "/health/db", 503, `{`+want+`"reason":"panic"},"timestamp":"2000-01-01T00:00:00.000Z"}`)
		if body := probe(h, "/health/detailed").Body.String(); !strings.Contains(body, want+`"last_checked":"2000-01-01T00:00:00.000Z","reason":"panic"}`) {
			t.Errorf("the detailed body shows another one: %s", body)
		}
	})
}

func TestStartupNeverGoesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(fails)
		h := start(t,
			health.Check{Name: "database", Kind: health.KindDatabase, Run: f.Run, SuccessThreshold: 3},
			health.Check{Name: "optional", Run: fails, NonCritical: true},
		).Handler()
		time.Sleep(time.Minute)
		synctest.Wait()
		expect(t, h, "/health/startup", 503, "")
		f.become(passes)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		expect(t, h, "/health/startup", 200, "")
		expect(t, h, "/health/ready", 503, "") // One success of three.
		f.become(fails)
		time.Sleep(time.Minute)
		synctest.Wait()
		expect(t, h, "/health/startup", 200, "")
		expect(t, h, "/health/ready", 503, "")
	})
}
