package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/tutorflow/observability/health"
	"github.com/tutorflow/observability/telemetry"
)

// memory is a listener without sockets, whose time a bubble can have.
type memory struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (m *memory) Accept() (net.Conn, error) {
	select {
	case conn := <-m.conns:
		return conn, nil
	case <-m.closed:
		return nil, net.ErrClosed
	}
}

func (m *memory) Close() error   { m.once.Do(func() { close(m.closed) }); return nil }
func (m *memory) Addr() net.Addr { return &net.TCPAddr{} }

func (m *memory) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case m.conns <- theirs:
		return ours, nil
	case <-m.closed:
		return nil, errors.New("connection refused")
	}
}

// timeline is a service in a bubble, which ends 10 s after its start.
type timeline struct {
	t        *testing.T
	end      time.Time
	listener *memory
	// served is when Serve returned what.
	served chan time.Duration
	err    error
}

const (
	drainDelay  = 5 * time.Second
	gracePeriod = 15 * time.Second
)

// startTimeline has one route, /work, whose requests take as long as asked.
func startTimeline(t *testing.T) *timeline {
	c := config()
	c.Shutdown.DrainDelay, c.Shutdown.GracePeriod = drainDelay, gracePeriod
	tel, err := telemetry.New(t.Context(), c, discard)
	if err != nil {
		t.Fatal(err)
	}
	checks, err := health.New("1")
	if err != nil {
		t.Fatal(err)
	}
	mux := tel.NewServeMux()
	checks.Mount(mux)
	mux.HandleFunc("GET /work", func(w http.ResponseWriter, r *http.Request) {
		takes, _ := time.ParseDuration(r.URL.Query().Get("takes"))
		select {
		case <-time.After(takes):
			fmt.Fprint(w, "done")
		case <-r.Context().Done():
		}
	})
	l := &timeline{t: t, end: time.Now().Add(10 * time.Second), listener: &memory{conns: make(chan net.Conn), closed: make(chan struct{})}, served: make(chan time.Duration, 1)}
	ctx, cancel := context.WithDeadline(t.Context(), l.end)
	t.Cleanup(cancel)
	go func() {
		l.err = tel.ServeOn(ctx, &http.Server{Handler: mux}, l.listener, checks)
		l.served <- time.Since(l.end)
	}()
	return l
}

// until waits for the moment which is so long after the end of the context.
func (l *timeline) until(after time.Duration) {
	time.Sleep(time.Until(l.end.Add(after)))
	synctest.Wait()
}

// ask returns the status and the body, or 0 and the error.
func (l *timeline) ask(path string) (status int, body string) {
	client := http.Client{Transport: &http.Transport{DialContext: l.listener.dial, DisableKeepAlives: true}}
	response, err := client.Get("http://service" + path)
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

func (l *timeline) want(path string, status int, body string) {
	l.t.Helper()
	if got, text := l.ask(path); got != status || !strings.Contains(text, body) {
		l.t.Errorf("%v after the end, %s: status %d: %.200s; want %d with %q", time.Since(l.end), path, got, text, status, body)
	}
}

// outsideOfTheBubble starts the goroutine of package signal, which never ends.
func outsideOfTheBubble() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	signal.Stop(signals)
}

func TestReadinessFailsFirstAndTheListenerClosesAfterTheDelay(t *testing.T) {
	outsideOfTheBubble()
	synctest.Test(t, func(t *testing.T) {
		l := startTimeline(t)
		inFlight := make(chan string, 1)
		l.until(-time.Second)
		go func() {
			_, body := l.ask("/work?takes=12s")
			inFlight <- body
		}()
		l.want("/health/ready", http.StatusOK, "ready")

		for _, after := range []time.Duration{time.Millisecond, time.Second, drainDelay - time.Millisecond} {
			l.until(after)
			l.want("/health/ready", http.StatusServiceUnavailable, `"reason":"draining"`)
			l.want("/health/live", http.StatusOK, "alive")
			l.want("/health", http.StatusOK, "healthy")
			l.want("/metrics", http.StatusOK, "\ntutorflow_http_requests_active 2\n")
			l.want("/work", http.StatusOK, "done")
		}
		l.until(drainDelay + time.Millisecond)
		l.want("/health/live", 0, "connection refused")

		l.until(11*time.Second - time.Millisecond)
		select {
		case <-l.served:
			t.Errorf("Serve returned before the request in flight: %v", l.err)
		default:
		}
		if body := <-inFlight; body != "done" {
			t.Errorf("the request in flight is answered %q", body)
		}
		// The server looks for the end of its requests twice a second.
		if ended := <-l.served; ended < 11*time.Second || ended > 12*time.Second || l.err != nil {
			t.Errorf("Serve ended %v after its context with %v, want 11s and nil", ended, l.err)
		}
	})
}

func TestRequestsThatDoNotEndAreCutOffAfterTheGracePeriod(t *testing.T) {
	outsideOfTheBubble()
	synctest.Test(t, func(t *testing.T) {
		l := startTimeline(t)
		inFlight := make(chan int, 1)
		l.until(-time.Second)
		go func() {
			status, _ := l.ask("/work?takes=1h")
			inFlight <- status
		}()
		if ended := <-l.served; ended < drainDelay+gracePeriod || ended > drainDelay+gracePeriod+time.Second || !errors.Is(l.err, context.DeadlineExceeded) ||
			!strings.Contains(l.err.Error(), "serve: end requests in flight: ") {
			t.Errorf("Serve ended %v after its context with %v, want %v and an error about requests in flight", ended, l.err, drainDelay+gracePeriod)
		}
		if status := <-inFlight; status != 0 {
			t.Errorf("the request in flight is answered %d", status)
		}
	})
}

// lingering is an exporter of spans whose end takes until the test says.
type lingering struct {
	sdktrace.SpanExporter
	ending, release chan struct{}
}

func (l lingering) Shutdown(context.Context) error {
	close(l.ending)
	<-l.release
	return nil
}

// TestAdminListenerAnswersUntilTheEnd looks at it while the last spans are
// exported: the service's own listener is closed by then.
func TestAdminListenerAnswersUntilTheEnd(t *testing.T) {
	last := lingering{tracetest.NewInMemoryExporter(), make(chan struct{}), make(chan struct{})}
	s := serveAll(t, &http.Server{}, func(c *telemetry.Config) {
		c.Traces.Exporters, c.Shutdown.FlushTimeout = []string{"kept"}, time.Minute
	}, telemetry.WithExporters(spansTo(last)))
	url := "http://" + s.addresses["admin"]
	if code, _ := fetch(url + "/metrics"); code != http.StatusOK {
		t.Errorf("/metrics: status %d", code)
	}
	s.stop()
	<-last.ending
	for path, want := range map[string]struct {
		code int
		body string
	}{
		"/health/live":  {http.StatusOK, "alive"},
		"/health/ready": {http.StatusServiceUnavailable, "draining"},
	} {
		if code, body := fetch(url + path); code != want.code || !strings.Contains(body, want.body) {
			t.Errorf("%s: status %d: %s", path, code, body)
		}
	}
	// The metrics end at their own pace, and never as an empty 200.
	for range 500 {
		code, body := fetch(url + "/metrics")
		if code == http.StatusServiceUnavailable {
			break
		}
		if code == http.StatusOK && !strings.Contains(body, "\ntutorflow_reviews_total 0\n") {
			t.Fatalf("a scrape is answered 200 without its metrics: %.300s", body)
		}
		time.Sleep(10 * time.Millisecond)
	}
	if code, body := fetch(url + "/metrics"); code != http.StatusServiceUnavailable || strings.Contains(body, "go_") {
		t.Errorf("/metrics after its end: status %d: %.100s", code, body)
	}
	if code, _ := fetch("http://" + s.addresses["service"] + "/health/live"); code != 0 {
		t.Errorf("the service's own listener answers %d", code)
	}
	close(last.release)
	if err := <-s.ended; err != nil {
		t.Errorf("Serve: %v", err)
	}
	s.ended <- nil // for the end of the test
	if code, _ := fetch(url + "/health/live"); code != 0 {
		t.Errorf("the admin listener answers %d after the end", code)
	}
}
