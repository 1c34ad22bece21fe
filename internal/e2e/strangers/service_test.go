package strangers_test

import (
	"bytes"
	"context"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/otlp"
	"github.com/tutorflow/observability/health"
	"github.com/tutorflow/observability/internal/jsonline"
	"github.com/tutorflow/observability/internal/otlpcollector"
	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/nethttp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long anything may take before a test fails.
const patience = 60 * time.Second

// service is a program with routes, health, logs and spans, as Serve serves it.
type service struct {
	*telemetry.Telemetry
	t         *testing.T
	address   string
	collector *otlpcollector.Collector
	lines     lines
	// served counts the requests that have a span: all but probes and scrapes.
	served atomic.Int64
	// forgotten are the delivered spans that the collector has forgotten.
	forgotten int
}

// start starts a service with its spans on the way to a collector of its own.
func start(t *testing.T, protocol string, server *http.Server, change func(*telemetry.Config), handlers map[string]http.HandlerFunc) *service {
	t.Helper()
	s := &service{t: t, collector: otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})}
	c := telemetry.DefaultConfig()
	c.Service = telemetry.Service{Name: "strangers", Version: "1", Revision: "none", Environment: "test"}
	c.Traces.Exporters, c.OTLP.URL, c.OTLP.Protocol = []string{"otlp"}, s.collector.Base(), protocol
	c.Traces.Batch.Delay, c.Shutdown.DrainDelay = 50*time.Millisecond, 0
	if change != nil {
		change(&c)
	}
	tel, err := telemetry.New(t.Context(), c, telemetry.WithLogWriter(&s.lines), telemetry.WithExporters(otlp.New()))
	if err != nil {
		t.Fatal(err)
	}
	s.Telemetry = tel
	checks, err := health.New("1", health.Check{Name: "cache", Run: func(context.Context) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	mux := tel.NewServeMux()
	checks.Mount(mux)
	for pattern, handler := range handlers {
		mux.HandleFunc(pattern, handler)
	}
	server.Addr = "127.0.0.1:0"
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !nethttp.Quiet(r.URL.Path) {
			s.served.Add(1)
		}
		mux.ServeHTTP(w, r)
	})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- tel.Serve(ctx, server, checks) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	s.eventually("serving", func() bool {
		match := regexp.MustCompile(`"message":"serving".*"address":"([^"]+)"`).FindStringSubmatch(s.lines.String())
		if match != nil {
			s.address = match[1]
		}
		return match != nil
	})
	return s
}

func (s *service) eventually(what string, ok func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("within %v: not %s", patience, what)
		}
	}
}

// settle waits until nothing is on its way any more: all requests have ended, and
// each has its line, and its span is delivered or counted as dropped.
func (s *service) settle() {
	s.t.Helper()
	s.eventually("each request logged", s.logged)
	s.eventually("each span delivered or counted as dropped", func() bool {
		return s.forgotten+s.collector.Items(exporters.Traces)+s.dropped() == int(s.served.Load())
	})
}

// logged reports whether each request has its line, or is one of too many that
// were refused.
func (s *service) logged() bool {
	return s.lines.access.Load()+int64(s.sum(`tutorflow_telemetry_log_lines_dropped_total\{reason="rate_limited"\}`)) == s.served.Load()
}

func (s *service) dropped() int {
	return int(s.sum(`tutorflow_telemetry_dropped_total\{exporter="otlp",.*signal="traces".*\}`))
}

// scrape returns what Prometheus would, past the server.
func (s *service) scrape(accept string) string {
	s.t.Helper()
	request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	request.Header.Set("Accept", accept)
	response := httptest.NewRecorder()
	s.MetricsHandler().ServeHTTP(response, request)
	if response.Code != http.StatusOK {
		s.t.Fatalf("scrape: status %d: %s", response.Code, response.Body)
	}
	return response.Body.String()
}

// sum adds up the series that an expression matches whole.
func (s *service) sum(series string) (total float64) {
	s.t.Helper()
	for _, match := range regexp.MustCompile(`(?m)^(?:`+series+`) (\S+)$`).FindAllStringSubmatch(s.scrape("text/plain"), -1) {
		value, err := strconv.ParseFloat(match[len(match)-1], 64)
		if err != nil {
			s.t.Fatal(err)
		}
		total += value
	}
	return total
}

// healthy checks that telemetry has lost nothing unseen and has folded nothing.
func (s *service) healthy() {
	s.t.Helper()
	for what, series := range map[string]string{
		"exports failed": `tutorflow_telemetry_exports_total\{.*result="failure".*\}`,
		// Methods that are none are folded, and counted as such.
		"values are folded": `tutorflow_telemetry_label_overflow_total\{metric="(tutorflow_[^h].*|tutorflow_http_request_.*)"\}`,
		"series overflowed": `.*otel_metric_overflow.*`,
		"lines are lost":    `tutorflow_telemetry_log_lines_dropped_total\{reason="[^r].*"\}`,
	} {
		if n := s.sum(series); n != 0 {
			s.t.Errorf("%v %s", n, what)
		}
	}
	for line := range strings.Lines(s.lines.String()) {
		text, whole := strings.CutSuffix(line, "\n")
		if _, err := jsonline.Decode(text); err != nil || !whole {
			s.t.Errorf("the line %.300q: %v", line, err)
		}
	}
}

// golden compares got with a file in testdata.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, []byte(got)) {
		t.Errorf("%s differs; -update rewrites it", path)
	}
}

// lines keeps what is written to it.
type lines struct {
	access atomic.Int64 // lines of the access log, forgotten ones included
	mu     sync.Mutex
	kept   bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.access.Add(int64(bytes.Count(p, []byte(`"logger":"tutorflow.request"`))))
	return l.kept.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept.String()
}

// forget drops the lines, so that they take no memory.
func (l *lines) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept = bytes.Buffer{}
}
