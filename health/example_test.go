package health_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"time"

	"github.com/tutorflow/observability/health"
)

// A check is a name and a function. When the function fails, readiness names the check
// and a reason, and never the text of the error.
func Example() {
	checker, err := health.New("1.4.0",
		health.WithLogger(slog.New(slog.DiscardHandler)),
		health.Check{Name: "search", Run: func(context.Context) error {
			return errors.New("dial search.internal: connection refused")
		}},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer checker.Shutdown(context.Background())

	mux := http.NewServeMux()
	checker.Mount(mux)

	get := func(path string) string {
		rec := httptest.NewRecorder()
		mux.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
		body := regexp.MustCompile(`\d{4}-[^"]+Z`).ReplaceAllString(rec.Body.String(), "…")
		return fmt.Sprint(rec.Code, " ", body)
	}
	for strings.Contains(get("/health/ready"), "stale") { // The first result is not in yet.
		time.Sleep(time.Millisecond)
	}
	fmt.Println(get("/health/ready"))
	fmt.Println(get("/health/live"))
	// Output:
	// 503 {"status":"not_ready","timestamp":"…","reason":"search: failed"}
	// 200 {"status":"alive","timestamp":"…"}
}
