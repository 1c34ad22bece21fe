package health_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/tutorflow/observability/health"
)

// tenChecks is a checker with more checks than most services have.
func tenChecks(tb testing.TB) *health.Checker {
	parts := []health.Part{health.Check{Name: "database", Kind: health.KindDatabase, Run: passes}}
	for i := range 9 {
		parts = append(parts, health.Check{Name: "service_" + strconv.Itoa(i), Kind: health.KindExternalService, Run: passes})
	}
	return start(tb, parts...)
}

// discard is a ResponseWriter that costs nothing itself.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

func BenchmarkProbe(b *testing.B) {
	h := tenChecks(b).Handler()
	for _, path := range paths {
		b.Run(path[1:], func(b *testing.B) {
			req := httptest.NewRequest(http.MethodGet, path, nil)
			w := discard{make(http.Header)}
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(w, req)
			}
		})
	}
}

func TestProbesAllocateLittle(t *testing.T) {
	c := tenChecks(t)
	h := c.Handler()
	w := discard{make(http.Header)}
	for _, path := range []string{"/health", "/health/live", "/health/startup", "/health/db"} {
		req := httptest.NewRequest(http.MethodGet, path, nil)
		if got := testing.AllocsPerRun(100, func() { h.ServeHTTP(w, req) }); got > 15 {
			t.Errorf("GET %s: %v allocations, want at most 15", path, got)
		}
	}
	if got := testing.AllocsPerRun(100, func() { c.EachCheck(func(string, bool, float64) {}) }); got != 0 {
		t.Errorf("EachCheck: %v allocations, want none", got)
	}
}
