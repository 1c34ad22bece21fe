package telemetry_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/tutorflow/observability/health"
	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/telemetrytest"
)

// served is a service that Serve runs, with an admin listener beside it.
type served struct {
	*telemetrytest.Recorder
	// addresses are those of the service and of its admin listener.
	addresses map[string]string
	// stop ends the context of Serve, whose answer is in ended.
	stop  func()
	ended chan error
}

// serveAll starts one with server and health checks; it ends with the test.
func serveAll(t *testing.T, server *http.Server, change func(*telemetry.Config), opts ...telemetry.Option) *served {
	t.Helper()
	r, o := withAdmin(t, func(c *telemetry.Config) {
		c.Shutdown.DrainDelay = 0
		if change != nil {
			change(c)
		}
	}, opts...)
	checks, err := health.New("1")
	if err != nil {
		t.Fatal(err)
	}
	mux := r.NewServeMux()
	checks.Mount(mux)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server.Addr, server.Handler = listener.Addr().String(), mux
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Serve(ctx, server, checks) }()
	t.Cleanup(func() {
		_ = server.Close() // Its connections may be those that nobody reads.
		cancel()
		<-ended
	})
	for range 500 {
		if status(t, "http://"+server.Addr+"/health/live") == http.StatusOK {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return &served{r, map[string]string{"service": server.Addr, "admin": strings.TrimPrefix(o.url, "http://")}, cancel, ended}
}

// send connects to address and writes text, which is all that it does.
func send(t *testing.T, address, text string) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	return conn
}

// fetch asks once; a status of 0 is no answer.
func fetch(url string, headers ...string) (status int, body string) {
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return 0, err.Error()
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 30 * time.Second}
	response, err := client.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	_ = response.Body.Close()
	return response.StatusCode, string(text)
}

func TestSlowHeadersEndAtTheServersOwnTimeout(t *testing.T) {
	const limit = 300 * time.Millisecond
	s := serveAll(t, &http.Server{ReadHeaderTimeout: limit}, nil)
	started := time.Now()
	conn := send(t, s.addresses["service"], "GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_, _ = io.Copy(io.Discard, conn)
	}()
	for {
		if _, err := io.WriteString(conn, "x"); err != nil {
			break
		}
		select {
		case <-closed:
		case <-time.After(20 * time.Millisecond):
			if time.Since(started) < 10*time.Second {
				continue
			}
			t.Error("the connection is open")
		}
		break
	}
	if took := time.Since(started); took < limit {
		t.Errorf("it was closed after %v", took)
	}
}

func TestFiftyReadersThatNeverReadDoNotStopAScrape(t *testing.T) {
	s := serveAll(t, &http.Server{}, nil)
	var values []string
	for i := range 40 {
		values = append(values, fmt.Sprintf("%03d%s", i, strings.Repeat("x", 100)))
	}
	if _, err := catalog.NewCounterBy2(s.Meter(), "x_lessons_total", "Lessons.", catalog.Enum[catalog.Control]("a", values...), catalog.Enum[catalog.Action]("b", values...)); err != nil {
		t.Fatal(err)
	}
	for name, address := range s.addresses {
		for range 50 {
			conn := send(t, address, "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
			_ = conn.(*net.TCPConn).SetReadBuffer(4096)
		}
		started := time.Now()
		for {
			if code, body := fetch("http://" + address + "/metrics"); code == http.StatusOK && strings.Contains(body, "x_lessons_total{") {
				break
			}
			if time.Since(started) > 30*time.Second {
				t.Fatalf("%s: a good scrape gets nothing", name)
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
}

// TestScrapersAtOnceAreAllAnswered has a hundred of them for the
// service, and on the admin listener as many as it has connections for.
func TestScrapersAtOnceAreAllAnswered(t *testing.T) {
	s := serveAll(t, &http.Server{}, nil)
	_, err := s.MeterProvider().Meter("test").Int64ObservableGauge("x_slow", metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
		time.Sleep(20 * time.Millisecond)
		o.Observe(1)
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	for name, scrapers := range map[string]int{"service": 100, "admin": 60} {
		var all sync.WaitGroup
		var good atomic.Int64
		for range scrapers {
			all.Go(func() {
				switch code, body := fetch("http://" + s.addresses[name] + "/metrics"); {
				case code == http.StatusOK && strings.Contains(body, "\nx_slow 1\n") && strings.Contains(body, "\ntutorflow_reviews_total 0\n"):
					good.Add(1)
				case code != http.StatusServiceUnavailable || strings.Contains(body, "tutorflow_"):
					t.Errorf("%s: status %d: %.200s", name, code, body)
				}
			})
		}
		all.Wait()
		if good.Load() == 0 {
			t.Errorf("%s: no scrape has the metrics", name)
		}
	}
}

func TestErrorsOfAScrapeShowNothingOfTheProgram(t *testing.T) {
	s := serveAll(t, &http.Server{}, nil)
	bad, err := s.MeterProvider().Meter("test").Int64Counter("x_bad")
	if err != nil {
		t.Fatal(err)
	}
	bad.Add(t.Context(), 1, metric.WithAttributes(attribute.String("dsn", "password=hunter2 \xff")))
	for name, address := range s.addresses {
		code, body := fetch("http://" + address + "/metrics")
		if code != http.StatusOK || !strings.Contains(body, "\ngo_goroutines ") {
			t.Errorf("%s: status %d: %.200s", name, code, body)
		}
		for _, internal := range []string{"hunter2", "goroutine 1", ".go:", "UTF-8"} {
			if strings.Contains(body, internal) {
				t.Errorf("%s: the body shows %q", name, internal)
			}
		}
	}
	// Whoever operates it is told: once in ten seconds, and by a counter.
	var lines int
	for _, line := range s.Logs() {
		if text := fmt.Sprint(line); line["message"] == "telemetry failed" && strings.Contains(text, "error gathering metrics") {
			lines++
			if strings.Contains(text, "hunter2") {
				t.Errorf("the log has the secret: %s", text)
			}
		}
	}
	if lines != 1 {
		t.Errorf("%d lines for 2 bad scrapes, want 1", lines)
	}
	s.WantValue(`promhttp_metric_handler_errors_total{cause="gathering"}`, "2")
}

func TestOperatorsRoutesAreNotOnTheService(t *testing.T) {
	s := serveAll(t, &http.Server{}, func(c *telemetry.Config) { c.Admin.Profiles = true })
	for _, path := range []string{"/", "/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/profile?seconds=1", "/debug/vars",
		"/telemetry/config", "/telemetry/loggers", "/telemetry/loggers/tutorflow?level=debug", "/telemetry/metrics", "/admin", "/metrics/", "/health/"} {
		for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodPost, http.MethodDelete} {
			request, err := http.NewRequest(method, "http://"+s.addresses["service"]+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			response, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if response.StatusCode != http.StatusNotFound {
				t.Errorf("%s %s: status %d, want 404", method, path, response.StatusCode)
			}
		}
	}
	if code, _ := fetch("http://" + s.addresses["admin"] + "/debug/pprof/"); code != http.StatusOK {
		t.Errorf("the admin listener answers %d: the test asks for what is not there", code)
	}
}

func TestWrongTokenTellsNothing(t *testing.T) {
	s := serveAll(t, &http.Server{}, func(c *telemetry.Config) { c.Admin.Token = "correct-horse" })
	url := "http://" + s.addresses["admin"]
	for _, path := range []string{"/metrics", "/nowhere", "/telemetry/config", "/health/detailed"} {
		for _, token := range []string{"", "x", "correct-hors", "correct-horsf", strings.Repeat("x", 8000)} {
			if code, body := fetch(url+path, "Authorization", "Bearer "+token); code != http.StatusUnauthorized || body != "Unauthorized\n" {
				t.Errorf("%s: status %d: %.100s", path, code, body)
			}
		}
	}
	// Operators are told: by a counter, and one line for all of them.
	s.WantValue(`tutorflow_telemetry_refused_requests_total{reason="token"}`, "20")
	var lines []string
	for _, line := range s.Logs() {
		if text := fmt.Sprint(line); strings.Contains(text, "serve admin: refused a request by its token, from 127.0.0.1:") {
			lines = append(lines, text)
		}
	}
	if len(lines) != 1 || strings.Contains(fmt.Sprint(lines), "correct-hors") {
		t.Errorf("the log has %q", lines)
	}
	if code, body := fetch(url+"/metrics", "Authorization", "Bearer correct-horse"); code != http.StatusOK || !strings.Contains(body, "tutorflow_") {
		t.Errorf("with the token: status %d", code)
	}
}
