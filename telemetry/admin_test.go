package telemetry_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tutorflow/observability/health"
	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/telemetrytest"
)

// operator asks an admin listener.
type operator struct {
	t   *testing.T
	url string
}

// freeAddress is one on loopback that nobody listens on.
func freeAddress(t *testing.T) *net.TCPAddr {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	return free.Addr().(*net.TCPAddr)
}

// withAdmin starts telemetry with an admin listener on a free port.
func withAdmin(t *testing.T, change func(*telemetry.Config), opts ...telemetry.Option) (*telemetrytest.Recorder, operator) {
	t.Helper()
	port := freeAddress(t).Port
	r := telemetrytest.New(t, append(opts, telemetry.WithConfig(func(c *telemetry.Config) {
		c.Logs.Level, c.Admin.Host, c.Admin.Port = "info", "127.0.0.1", port
		if change != nil {
			change(c)
		}
	}))...)
	return r, operator{t, fmt.Sprintf("http://127.0.0.1:%d", port)}
}

func (o operator) ask(method, path string, want int) (body string) {
	o.t.Helper()
	request, err := http.NewRequestWithContext(o.t.Context(), method, o.url+path, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		o.t.Fatal(err)
	}
	text, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		o.t.Fatal(err)
	}
	if response.StatusCode != want {
		o.t.Errorf("%s %s answers %d, want %d: %s", method, path, response.StatusCode, want, text)
	}
	return string(text)
}

// changes are the log lines about changes, without their times.
func changes(r *telemetrytest.Recorder) (all []string) {
	for _, line := range r.Logs() {
		if line["message"] == "telemetry changed" {
			_, peer := line["peer"]
			all = append(all, fmt.Sprint(line["level"], " ", line["control"], " ", line["action"], " ", line["name"], " by a peer: ", peer))
		}
	}
	return all
}

func TestLevelOfALoggerIsChangedForATime(t *testing.T) {
	r, o := withAdmin(t, nil)
	log := func() int {
		before := len(r.Logs())
		r.Logger().Named("payments").Debug("details")
		return len(r.Logs()) - before
	}
	if log() != 0 {
		t.Fatal("DEBUG is written from the start")
	}
	o.ask(http.MethodPut, "/telemetry/loggers/tutorflow.payments?level=debug&for=1s", http.StatusOK)
	if log() != 1 {
		t.Error("DEBUG is not written after the change")
	}
	time.Sleep(1100 * time.Millisecond)
	if log() != 0 {
		t.Error("DEBUG is still written after the time")
	}
	o.ask(http.MethodPut, "/telemetry/loggers?level=error&for=1m", http.StatusOK)
	o.ask(http.MethodDelete, "/telemetry/loggers", http.StatusOK)
	r.WantValue(`tutorflow_telemetry_changes_total{action="set",control="log_level"}`, "2")
	r.WantValue(`tutorflow_telemetry_changes_total{action="revert",control="log_level"}`, "2")
	want := "WARN log_level set tutorflow.payments by a peer: true\nWARN log_level revert tutorflow.payments by a peer: false\n" +
		"ERROR log_level set  by a peer: true\nWARN log_level revert  by a peer: true"
	if got := strings.Join(changes(r), "\n"); got != want {
		t.Errorf("the changes are\n%s\nwant\n%s", got, want)
	}
}

func TestMetricIsSwitchedOffAndComesBackWithItsCount(t *testing.T) {
	r, o := withAdmin(t, nil)
	r.Reviews.Add(t.Context())
	o.ask(http.MethodPut, "/telemetry/metrics/tutorflow_reviews_total?enabled=false&for=1s", http.StatusOK)
	if _, there := r.Value(catalog.Reviews); there || strings.Contains(o.ask(http.MethodGet, "/metrics", http.StatusOK), catalog.Reviews) {
		t.Error("the metric is still on the scrape")
	}
	r.Reviews.Add(t.Context())
	for _, path := range []string{"/telemetry/metrics", "/telemetry/config"} {
		if body := o.ask(http.MethodGet, path, http.StatusOK); !strings.Contains(body, catalog.Reviews) {
			t.Errorf("%s lacks the metric: %s", path, body)
		}
	}
	time.Sleep(1100 * time.Millisecond)
	r.WantValue(catalog.Reviews, "2")
	o.ask(http.MethodPut, "/telemetry/metrics/go_goroutines?enabled=false", http.StatusOK)
	if _, there := r.Value("go_goroutines"); there {
		t.Error("go_goroutines is still on the scrape")
	}
	o.ask(http.MethodPut, "/telemetry/metrics/go_goroutines?enabled=true", http.StatusOK)
	if _, there := r.Value("go_goroutines"); !there {
		t.Error("go_goroutines is not back")
	}
	exports := `tutorflow_telemetry_exports_total{exporter="prometheus",result="success",signal="metrics"}`
	before, _ := r.Value(exports)
	o.ask(http.MethodPut, "/telemetry/metrics/tutorflow_misspelt_total?enabled=false", http.StatusNotFound)
	if after, _ := r.Value(exports); after != fmt.Sprint(count(t, before)+1) { // that of the value before
		t.Errorf("%s scrapes, before the question %s", after, before)
	}
	r.WantValue(`tutorflow_telemetry_changes_total{action="set",control="metric"}`, "2")
	r.WantValue(`tutorflow_telemetry_changes_total{action="revert",control="metric"}`, "2")
}

func TestAdminListenerShowsHealthAndConfiguration(t *testing.T) {
	r, o := withAdmin(t, func(c *telemetry.Config) { c.OTLP.Headers = map[string]string{"authorization": "s3cret"} })
	o.ask(http.MethodGet, "/health/live", http.StatusNotFound)
	checker, err := health.New("1")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = checker.Shutdown(t.Context()) }()
	if _, err := r.ObserveHealth(checker); err != nil {
		t.Fatal(err)
	}
	if body := o.ask(http.MethodGet, "/health/live", http.StatusOK); !strings.Contains(body, `"alive"`) {
		t.Errorf("health is %s", body)
	}
	body := o.ask(http.MethodGet, "/telemetry/config", http.StatusOK)
	for _, want := range []string{"metrics.exporters", "prometheus", "authorization=[REDACTED]", "code\n", "default\n"} {
		if !strings.Contains(body, want) {
			t.Errorf("the configuration lacks %q:\n%s", want, body)
		}
	}
	if strings.Contains(body, "s3cret") {
		t.Error("a secret is shown")
	}
	o.ask(http.MethodGet, "/debug/pprof/", http.StatusNotFound)
}

func TestDisabledTelemetryKeepsHealthAndLogLevelsOnTheAdminListener(t *testing.T) {
	r, o := withAdmin(t, func(c *telemetry.Config) { c.Disabled = true })
	checker, err := health.New("1")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = checker.Shutdown(t.Context()) }()
	if _, err := r.ObserveHealth(checker); err != nil {
		t.Fatal(err)
	}
	o.ask(http.MethodGet, "/health/ready", http.StatusOK)
	o.ask(http.MethodGet, "/metrics", http.StatusNotFound)
	o.ask(http.MethodPut, "/telemetry/metrics/go_goroutines?enabled=false", http.StatusNotFound)
	o.ask(http.MethodPut, "/telemetry/loggers?level=debug", http.StatusOK)
	before := len(r.Logs())
	r.Logger().Debug("seen")
	if len(r.Logs()) != before+1 {
		t.Error("DEBUG is not written")
	}
}

func TestPortInUseIsAnErrorOrNoListener(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := config()
	c.Admin.Host, c.Admin.Port = "127.0.0.1", taken.Addr().(*net.TCPAddr).Port
	if _, err := telemetry.New(t.Context(), c, discard); err == nil || !strings.Contains(err.Error(), "listen for admin: listen tcp "+taken.Addr().String()) {
		t.Errorf("New: %v, want an error about the port", err)
	}
	c.Optional = true
	r := telemetrytest.New(t, telemetry.WithConfig(func(to *telemetry.Config) { *to = c }))
	r.Reviews.Add(t.Context())
	r.WantValue(catalog.Reviews, "1")

	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	c.Optional = false
	tel, err := telemetry.New(t.Context(), c, discard)
	if err != nil {
		t.Fatalf("once the port is free: %v", err)
	}
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

func count(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestMisspeltMetricIsUnknownWithoutAScrapeAsWell(t *testing.T) {
	_, o := withAdmin(t, func(c *telemetry.Config) { c.Metrics.Exporters = []string{"console"} })
	o.ask(http.MethodPut, "/telemetry/metrics/tutorflow_misspelt_total?enabled=false", http.StatusNotFound)
	o.ask(http.MethodPut, "/telemetry/metrics/"+catalog.Bookings+"?enabled=false", http.StatusOK)
}

func TestConnectionsToTheAdminListenerDoNotHoldUpShutdown(t *testing.T) {
	r, o := withAdmin(t, nil)
	conn, err := net.Dial("tcp", strings.TrimPrefix(o.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	o.ask(http.MethodGet, "/", http.StatusOK) // The connection of before was accepted.
	started := time.Now()
	if err := r.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if took := time.Since(started); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
}
