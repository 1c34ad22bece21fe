package health_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tutorflow/observability/health"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// canary stands for what an error text must never carry into a response.
const canary = "postgres://admin:hunter2@db.internal:5432/tutorflow"

var errCanary = errors.New("connect " + canary)

// fake is a check whose behaviour can be changed between two runs.
type fake struct {
	run  atomic.Pointer[func(context.Context) error]
	runs atomic.Int64
}

func newFake(run func(context.Context) error) *fake {
	f := &fake{}
	f.become(run)
	return f
}

func (f *fake) become(run func(context.Context) error) { f.run.Store(&run) }

func (f *fake) Run(ctx context.Context) error {
	f.runs.Add(1)
	return (*f.run.Load())(ctx)
}

func passes(context.Context) error { return nil }

func takes(d time.Duration) func(context.Context) error {
	return func(context.Context) error { time.Sleep(d); return nil }
}

func fails(context.Context) error { return errCanary }

func degrades(context.Context) error { return errors.Join(health.ErrDegraded, errCanary) }

func panics(context.Context) error { panic(canary) }

// waits honours its context.
func waits(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }

// ignores returns a check that ignores its context until the test lets it go.
func ignores(release <-chan struct{}) func(context.Context) error {
	return func(context.Context) error { <-release; return nil }
}

// quiet keeps the log of a test that does not look at it out of its output.
var quiet = health.WithLogger(slog.New(slog.DiscardHandler))

// start makes a checker whose log goes nowhere unless a part says otherwise, and stops it
// when the test ends.
func start(t testing.TB, parts ...health.Part) *health.Checker {
	t.Helper()
	c, err := health.New("1.4.0", append([]health.Part{quiet}, parts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Shutdown(context.Background()) })
	return c
}

func probe(h http.Handler, path string) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
	return rec
}

// expect probes a path and compares the code, and the body where one is given.
func expect(t *testing.T, h http.Handler, path string, code int, body string) {
	t.Helper()
	rec := probe(h, path)
	if rec.Code != code {
		t.Errorf("GET %s: code %d, want %d: %s", path, rec.Code, code, rec.Body)
	}
	if body != "" && rec.Body.String() != body {
		t.Errorf("GET %s:\n got %s\nwant %s", path, rec.Body, body)
	}
}

// logBuffer is a log that several goroutines may write to.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// logger writes lines of text without the time.
func (b *logBuffer) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
}
