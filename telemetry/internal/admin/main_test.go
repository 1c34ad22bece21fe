package admin_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap/zapcore"

	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/internal/admin"
	"github.com/tutorflow/observability/telemetry/internal/switches"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	token  = "correct-horse-battery-staple"
	metric = "tutorflow_errors_total"
)

// levels keep what they are told.
type levels struct {
	mu  sync.Mutex
	set []admin.Level
}

func (l *levels) Set(logger string, level zapcore.Level, expiry time.Duration) error {
	if logger == "full" {
		return errors.New("set level of logger \"full\": 100 have one, allowed are 100")
	}
	l.Revert(logger)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.set = append(l.set, admin.Level{Logger: logger, Level: level, Until: time.Now().Add(expiry)})
	return nil
}

func (l *levels) Revert(logger string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.set)
	l.set = slices.DeleteFunc(l.set, func(s admin.Level) bool { return s.Logger == logger })
	return len(l.set) < n
}

func (l *levels) List() []admin.Level {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.ContainsFunc(l.set, func(s admin.Level) bool { return s.Logger == "" }) {
		return append([]admin.Level{{Level: zapcore.InfoLevel}}, l.set...)
	}
	return slices.Clone(l.set)
}

// harness is a server with all parts.
type harness struct {
	*admin.Server
	switches *switches.Set

	mu      sync.Mutex
	changes []admin.Change
	refused []catalog.Refusal
	failed  []error
}

// local is a configuration for a port that is free.
func local() admin.Config { return admin.Config{Address: "127.0.0.1:0"} }

// secured is one with a token.
func secured() admin.Config { return admin.Config{Address: "127.0.0.1:0", Token: token} }

func (h *harness) parts() admin.Parts {
	return admin.Parts{
		Metrics:  text(metric + " 1\n"),
		Config:   func(w io.Writer) error { _, err := io.WriteString(w, "log.level: info (default)\n"); return err },
		Levels:   &levels{},
		Switches: h.switches,
		Known:    func(metric string) bool { return strings.HasPrefix(metric, "tutorflow_") },
		Changed:  h.changed,
		Refused: func(why catalog.Refusal) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.refused = append(h.refused, why)
		},
		Failed: func(err error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.failed = append(h.failed, err)
		},
	}
}

func (h *harness) changed(c admin.Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.changes = append(h.changes, c)
}

// told are the changes since the last call.
func (h *harness) told() []admin.Change {
	h.mu.Lock()
	defer h.mu.Unlock()
	told := h.changes
	h.changes = nil
	return told
}

// failures are the texts of what failed since the last call.
func (h *harness) failures() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	err := errors.Join(h.failed...)
	h.failed = nil
	if err == nil {
		return ""
	}
	return err.Error()
}

func text(body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
}

// serve starts a server that is shut down when the test ends. change may be nil.
func serve(t *testing.T, config admin.Config, change func(*admin.Parts)) *harness {
	t.Helper()
	return serveWithin(t, admin.Limits{}, config, change)
}

func serveWithin(t *testing.T, limits admin.Limits, config admin.Config, change func(*admin.Parts)) *harness {
	t.Helper()
	h := &harness{}
	h.switches = switches.New(func(metric string) {
		h.changed(admin.Change{Control: admin.ControlMetric, Action: admin.ActionRevert, Name: metric})
	})
	parts := h.parts()
	if change != nil {
		change(&parts)
	}
	var err error
	if h.Server, err = admin.NewWithin(limits, config, parts); err != nil {
		t.Fatal(err)
	}
	h.SetHealth(text("healthy"))
	t.Cleanup(func() {
		// The test's own context has ended.
		if err := h.Shutdown(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
		h.switches.Close()
	})
	return h
}

// ask asks the handler, as a peer on this machine unless change says otherwise.
func (h *harness) ask(method, target string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, target, nil)
	request.Host = "localhost:9464"
	request.RemoteAddr = "127.0.0.1:50000"
	for _, c := range change {
		c(request)
	}
	response := httptest.NewRecorder()
	h.Handler().ServeHTTP(response, request)
	return response
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func from(peer string) func(*http.Request) {
	return func(r *http.Request) { r.RemoteAddr = peer }
}

func host(name string) func(*http.Request) {
	return func(r *http.Request) { r.Host = name }
}

func bearer(token string) func(*http.Request) { return header("Authorization", "Bearer "+token) }
