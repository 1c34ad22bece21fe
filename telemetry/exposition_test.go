package telemetry_test

import (
	"database/sql"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/telemetrytest"
)

// fresh is a service as it is right after its start: two routes, one pool, two
// health checks, no request.
func fresh(t *testing.T) (*telemetrytest.Recorder, http.Handler) {
	t.Helper()
	r := telemetrytest.New(t)
	if _, err := r.ObserveDB("primary", openPool(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.ObserveHealth(twoChecks{}); err != nil {
		t.Fatal(err)
	}
	mux := r.NewServeMux()
	mux.HandleFunc("POST /api/v1/bookings", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /api/v1/bookings/{booking_id}", func(http.ResponseWriter, *http.Request) {})
	return r, r.Handler(mux)
}

type twoChecks struct{}

func (twoChecks) EachCheck(yield func(string, bool, float64)) {
	yield("database", true, 0.25)
	yield("toss_payments", false, 2)
}

func scrape(t *testing.T, h http.Handler, accept string) string {
	t.Helper()
	request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	request.Header.Set("Accept", accept)
	response := httptest.NewRecorder()
	h.ServeHTTP(response, request)
	if response.Code != http.StatusOK {
		t.Fatalf("scrape: status %d: %s", response.Code, response.Body)
	}
	return response.Body.String()
}

// others are the lines of other sources, whose values change from run to run.
var others = regexp.MustCompile(`(?m)^(# (HELP|TYPE) )?(go|process)_.*\n`)

func TestFirstScrapeShowsEverySeriesOfTheContractAtItsStart(t *testing.T) {
	_, handler := fresh(t)
	text := scrape(t, handler, "text/plain")
	golden(t, "start.txt", others.ReplaceAllString(text, ""))

	for _, d := range catalog.All() {
		if !strings.Contains(text, "\n# TYPE "+d.Name+" ") {
			t.Errorf("%s is not on the first scrape", d.Name)
		}
	}
	for _, name := range []string{"go_goroutines", "process_start_time_seconds", "target_info", "promhttp_metric_handler_errors_total"} {
		if !strings.Contains(text, "\n"+name) {
			t.Errorf("%s is not on the scrape", name)
		}
	}
}

func TestSecondScrapeHasTheStandardMetricAndNoScopeLabels(t *testing.T) {
	_, handler := fresh(t)
	scrape(t, handler, "text/plain")
	for _, accept := range []string{"text/plain", "application/openmetrics-text;version=1.0.0"} {
		text := scrape(t, handler, accept)
		if strings.Contains(text, "otel_scope_") {
			t.Errorf("%s: the scrape has otel_scope_ labels", accept)
		}
		if !strings.Contains(text, `http_server_request_duration_seconds_count{http_request_method="GET",http_response_status_code="200",http_route="/metrics"`) {
			t.Errorf("%s: the standard metric is missing:\n%s", accept, text)
		}
	}
}

func TestScrapeIsCleanForPromlint(t *testing.T) {
	_, handler := fresh(t)
	scrape(t, handler, "text/plain")
	problems, err := promlint.New(strings.NewReader(scrape(t, handler, "text/plain"))).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func openPool(t *testing.T) *sql.DB {
	t.Helper()
	db := sql.OpenDB(connector{})
	db.SetMaxOpenConns(7)
	t.Cleanup(func() { _ = db.Close() })
	return db
}
