package checks_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"go.uber.org/goleak"

	"github.com/tutorflow/observability/health"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start makes a checker that the end of the test stops.
func start(t *testing.T, parts ...health.Part) http.Handler {
	t.Helper()
	quiet := health.WithLogger(slog.New(slog.DiscardHandler))
	c, err := health.New("1.4.0", append([]health.Part{quiet}, parts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Shutdown(context.Background()) })
	return c.Handler()
}

func get(h http.Handler, path string) (int, string) {
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
	return rec.Code, rec.Body.String()
}
