package comparison_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/internal/otlpcollector"
)

// The instruments of the service's own.
const (
	loginsName  = "tutorflow_logins_total"
	lessonsName = "tutorflow_lesson_seconds"
)

func lessonBuckets() []float64 { return []float64{60, 600, 3600} }

// patience is how long anything that should happen may take.
const patience = 20 * time.Second

// wiring is one way to make the service observable. Its lines go to log, or to
// stdout without one; the environment configures all else.
type wiring struct {
	name  string
	start func(log *os.File) (*service, error)
}

// service is the same in both wirings, but for what observes it.
type service struct {
	// requests is the metric that counts requests by route and status.
	requests string
	waiting  chan struct{} // tells that a request reached /wait
	handler  http.Handler
	meters   metric.MeterProvider
	tracers  trace.TracerProvider
	logger   *zap.Logger
	login    func(ctx context.Context, provider string, n int64)
	lesson   func(ctx context.Context, seconds float64)
	shutdown func(context.Context) error
}

const panicText = "card 4111-1111"

func (s *service) routes(mux interface {
	HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request))
}) {
	mux.HandleFunc("GET /work", func(w http.ResponseWriter, r *http.Request) {
		s.logger.Info("work", zap.String("user_agent", r.UserAgent()))
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /files/{name}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /login", func(_ http.ResponseWriter, r *http.Request) { s.login(r.Context(), r.FormValue("provider"), 1) })
	mux.HandleFunc("GET /panic", func(http.ResponseWriter, *http.Request) { panic(panicText) })
	s.waiting = make(chan struct{}, 1)
	mux.HandleFunc("GET /wait", func(_ http.ResponseWriter, r *http.Request) {
		s.waiting <- struct{}{}
		<-r.Context().Done()
	})
}

// serve serves s until the returned server is closed.
func (s *service) serve() *httptest.Server {
	server := httptest.NewUnstartedServer(s.handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it tells of panics
	server.Start()
	return server
}

// scrape returns what Prometheus would be answered.
func (s *service) scrape() (status int, body string) {
	response := httptest.NewRecorder()
	s.handler.ServeHTTP(response, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return response.Code, response.Body.String()
}

// flush has the spans exported that have ended.
func (s *service) flush(ctx context.Context) error {
	return s.tracers.(interface{ ForceFlush(context.Context) error }).ForceFlush(ctx)
}

// running is a service of a test.
type running struct {
	*service
	*httptest.Server
	t   *testing.T
	log string
}

// run starts a service for a test, at whose end it is shut down.
func run(t *testing.T, w wiring) *running {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := w.start(file)
	if err != nil {
		t.Fatal(err)
	}
	r := &running{service: s, Server: s.serve(), t: t, log: file.Name()}
	t.Cleanup(func() {
		r.Close()
		_ = r.end(patience) // mostly the second one
		_ = file.Close()
	})
	return r
}

// end shuts the service down.
func (r *running) end(within time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	return r.shutdown(ctx)
}

// get sends a request, header by header.
func (r *running) get(path string, header ...string) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, r.URL+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		if request.Header.Set(header[i], header[i+1]); header[i] == "Host" {
			request.Host = header[i+1]
		}
	}
	response, err := r.Client().Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	_ = response.Body.Close()
}

// send sends bytes as they are, and waits for the answer.
func (r *running) send(request string) {
	r.t.Helper()
	connection, err := net.Dial("tcp", r.Listener.Addr().String())
	if err != nil {
		r.t.Fatal(err)
	}
	defer connection.Close()
	if _, err := io.WriteString(connection, request); err != nil {
		r.t.Fatal(err)
	}
	if answer, err := io.ReadAll(connection); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 2") {
		r.t.Fatalf("answer %q, %v", answer, err)
	}
}

// lines returns the log, which is complete after the end.
func (r *running) lines() string {
	text, err := os.ReadFile(r.log)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(text)
}

// collect starts a collector, to which the services that start from now on
// export their spans, and their metrics beside the scrape.
func collect(t *testing.T, protocol string) *otlpcollector.Collector {
	t.Helper()
	collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Base())
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
	t.Setenv("OTEL_TRACES_EXPORTER", "otlp")
	t.Setenv("OTEL_METRICS_EXPORTER", "prometheus,otlp")
	return collector
}

// delivered compares the spans that came with those that were made.
func delivered(c *otlpcollector.Collector, made int) error {
	if got := c.Items(exporters.Traces); got != made {
		return fmt.Errorf("%d of %d spans are delivered", got, made)
	}
	return nil
}

// eventually waits until ok.
func eventually(what string, ok func() bool) error {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if ok() {
			return nil
		}
	}
	return errors.New("not in time: " + what)
}
