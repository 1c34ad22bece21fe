package zaplog_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tutorflow/observability/internal/jsonline"
	"github.com/tutorflow/observability/telemetry/zaplog"
)

// childEnv names the scenario that a re-executed test binary plays.
const childEnv = "ZAPLOG_TEST_CHILD"

func TestMain(m *testing.M) {
	if scenario := os.Getenv(childEnv); scenario != "" {
		os.Exit(children[scenario]())
	}
	goleak.VerifyTestMain(m)
}

// fixed is a clock that stands still.
type fixed struct{}

func (fixed) Now() time.Time {
	return time.Date(2026, 1, 2, 12, 4, 5, 678_900_999, time.FixedZone("KST", 9*3600))
}
func (fixed) NewTicker(d time.Duration) *time.Ticker { return time.NewTicker(d) }

var service = zaplog.Config{Level: "debug", App: "tutorflow-api", Environment: "test", Version: "1.4.0"}

// sink keeps what is written to it.
type sink struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *sink) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

func newPipeline(t testing.TB, cfg zaplog.Config) (*zaplog.Pipeline, *sink) {
	t.Helper()
	out := &sink{}
	p, err := zaplog.New(cfg, out, zaplog.WithClock(fixed{}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Shutdown(context.Background()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
	return p, out
}

// logged returns the lines that log makes p write, in their order. Each of them
// must also be an OpenTelemetry record that says the same.
func logged(t testing.TB, log func(p *zaplog.Pipeline)) []string {
	t.Helper()
	p, out := newPipeline(t, service)
	records := newRecords(t)
	p.Tee(records.core)
	log(p)
	if err := p.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	if text == "" {
		text = "\n"
	}
	if !strings.HasSuffix(text, "\n") {
		t.Fatalf("the last line has no end: %q", text)
	}
	lines := strings.Split(text[:len(text)-1], "\n")
	if lines[0] == "" {
		lines = nil
	}
	sameRecords(t, lines, records.take())
	return lines
}

// loggedOne returns the one object that log makes p write.
func loggedOne(t testing.TB, log func(p *zaplog.Pipeline)) (line string, object map[string]any) {
	t.Helper()
	lines := logged(t, log)
	if len(lines) != 1 {
		t.Fatalf("got %d lines, want 1: %q", len(lines), lines)
	}
	object, err := jsonline.Decode(lines[0])
	if err != nil {
		t.Fatalf("%v in %s", err, lines[0])
	}
	return lines[0], object
}

func dropped(p *zaplog.Pipeline) map[string]int64 {
	counts := map[string]int64{}
	p.Dropped(func(reason string, n int64) { counts[reason] = n })
	return counts
}
