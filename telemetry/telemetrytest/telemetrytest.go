// Package telemetrytest runs a telemetry pipeline in memory, for tests of code
// that records to one.
//
//	recorder := telemetrytest.New(t)
//	handler := recorder.Handler(myHandler)
//	…
//	recorder.WantValue(`tutorflow_bookings_total{status="pending"}`, "1")
//
// Nothing is global, so tests with a pipeline each may run in parallel.
package telemetrytest

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tutorflow/observability/telemetry"
)

// Recorder is a pipeline whose metrics and log lines a test can read. Its
// methods are safe for concurrent use.
type Recorder struct {
	*telemetry.Telemetry
	tb   testing.TB
	logs lines
}

// New starts a pipeline with the default configuration, whatever the
// environment says, at log level debug; opts change it. It is shut down when
// the test ends, and a failure to do so fails the test.
func New(tb testing.TB, opts ...telemetry.Option) *Recorder {
	tb.Helper()
	r := &Recorder{tb: tb}
	config := telemetry.DefaultConfig()
	config.Service = telemetry.Service{Name: "test", Version: "0.0.0", Revision: "none", Environment: "test"}
	config.Logs.Level = "debug"
	tel, err := telemetry.New(tb.Context(), config, append([]telemetry.Option{telemetry.WithLogWriter(&r.logs)}, opts...)...)
	if err != nil {
		tb.Fatalf("start telemetry: %v", err)
	}
	r.Telemetry = tel
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := tel.Shutdown(ctx); err != nil {
			tb.Errorf("shut down telemetry: %v", err)
		}
	})
	return r
}

// Exposition returns what Prometheus would scrape now, in its text format,
// without comments. With names, only series of the metrics called so.
func (r *Recorder) Exposition(names ...string) string {
	r.tb.Helper()
	response := httptest.NewRecorder()
	r.MetricsHandler().ServeHTTP(response, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if response.Code != http.StatusOK {
		r.tb.Fatalf("scrape metrics: status %d: %s", response.Code, response.Body)
	}
	var kept strings.Builder
	for line := range strings.Lines(response.Body.String()) {
		if !strings.HasPrefix(line, "#") && (len(names) == 0 || belongs(line, names)) {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

func belongs(line string, names []string) bool {
	metric := line[:strings.IndexAny(line, "{ ")]
	for _, name := range names {
		if rest, ok := strings.CutPrefix(metric, name); ok && (rest == "" || rest == "_bucket" || rest == "_sum" || rest == "_count") {
			return true
		}
	}
	return false
}

// Value returns the value of one series as the exposition prints it, and
// whether there is such a series. The series is written as there, with its
// labels in alphabetical order.
func (r *Recorder) Value(series string) (value string, ok bool) {
	r.tb.Helper()
	for line := range strings.Lines(r.Exposition()) {
		if rest, found := strings.CutPrefix(line, series+" "); found {
			return strings.TrimSpace(rest), true
		}
	}
	return "", false
}

// WantValue fails the test unless series has the value want.
func (r *Recorder) WantValue(series, want string) {
	r.tb.Helper()
	if got, ok := r.Value(series); !ok {
		r.tb.Errorf("%s is not on the scrape, want %s", series, want)
	} else if got != want {
		r.tb.Errorf("%s is %s, want %s", series, got, want)
	}
}

// Logs returns the log lines written so far, decoded, but for those in which
// telemetry tells its configuration when it starts. A line that is no JSON
// object fails the test.
func (r *Recorder) Logs() []map[string]any {
	r.tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := r.Flush(ctx); err != nil {
		r.tb.Fatalf("flush log: %v", err)
	}
	var all []map[string]any
	for line := range bytes.Lines(r.logs.bytes()) {
		var fields map[string]any
		if err := json.Unmarshal(line, &fields); err != nil {
			r.tb.Fatalf("log line %q: %v", line, err)
		}
		if fields["message"] != "telemetry started" && fields["message"] != "telemetry configuration" {
			all = append(all, fields)
		}
	}
	return all
}

// lines keeps what is written to it.
type lines struct {
	mu   sync.Mutex
	kept bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept.Write(p)
}

func (l *lines) bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.kept.Bytes())
}
