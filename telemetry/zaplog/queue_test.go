package zaplog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"github.com/tutorflow/observability/internal/jsonline"
	"github.com/tutorflow/observability/telemetry/zaplog"
)

// gate is a writer that blocks until it is opened.
type gate struct {
	sink
	open chan struct{}
}

func (g *gate) Write(p []byte) (int, error) {
	<-g.open
	return g.sink.Write(p)
}

func TestStalledWriterDropsWhatDoesNotFit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{open: make(chan struct{})}
		p, err := zaplog.New(service, g)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 10_000 {
			p.Logger().Info("ordinary", zap.Int("i", i))
		}
		ordinary := dropped(p)["queue_full"]
		for i := range 2000 {
			p.Logger().Warn("urgent", zap.Int("i", i))
		}
		urgent := dropped(p)["queue_full"] - ordinary
		close(g.open)
		if err := p.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		// 7168 of 8192 places are for any line, the rest for urgent ones.
		if ordinary != 10_000-7168 || urgent != 2000-1024 {
			t.Errorf("dropped %d and %d", ordinary, urgent)
		}
		out := g.String()
		if strings.Count(out, "\n") != 8192 || strings.Count(out, `"urgent"`) != 1024 || !strings.Contains(out, `"i":7167}`) {
			t.Errorf("%d lines, %d urgent", strings.Count(out, "\n"), strings.Count(out, `"urgent"`))
		}
	})
}

func TestQueueIsBoundedInBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{open: make(chan struct{})}
		p, err := zaplog.New(service, g)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Repeat("x", 8000)
		for range 3000 {
			p.Logger().Info("m", zap.String("a", text))
		}
		close(g.open)
		if err := p.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if size := len(g.String()); size > 7<<20 || size < 6<<20 {
			t.Errorf("%d bytes were kept", size)
		}
	})
}

func TestShutdownIsBoundedByItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{open: make(chan struct{})}
		p, err := zaplog.New(service, g)
		if err != nil {
			t.Fatal(err)
		}
		p.Logger().Info("being written")
		synctest.Wait()
		time.Sleep(time.Second)
		p.Logger().Info("waiting")
		p.Logger().Info("waiting")
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if err := p.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Flush: %v", err)
		}
		ctx, cancel = context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		err = p.Shutdown(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "the last 3 log lines") || time.Since(start) != 3*time.Second {
			t.Errorf("Shutdown: %v after %v", err, time.Since(start))
		}
		if again := p.Shutdown(t.Context()); again != err {
			t.Errorf("the second time: %v", again)
		}
		p.Logger().Info("too late")
		close(g.open) // the goroutine must end now
		synctest.Wait()
		if counts := dropped(p); counts["closed"] != 3 || strings.Count(g.String(), "\n") != 1 {
			t.Errorf("dropped %v, wrote %q", counts, g.String())
		}
	})
}

func TestSecondShutdownWaitsNoLongerThanItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{open: make(chan struct{})}
		p, err := zaplog.New(service, g)
		if err != nil {
			t.Fatal(err)
		}
		p.Logger().Info("m")
		var first error
		var wg sync.WaitGroup
		wg.Go(func() { first = p.Shutdown(t.Context()) })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := p.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		close(g.open)
		wg.Wait()
		if first != nil || p.Shutdown(ctx) != nil {
			t.Errorf("got %v", first)
		}
	})
}

// A write to a pipe in non-blocking mode can be interrupted, so that nothing is
// left behind; goleak is the judge.
func TestShutdownInterruptsAPipe(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	p, err := zaplog.New(service, write)
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		p.Logger().Info("m")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := p.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
	out, err := io.ReadAll(read) // ends because the pipeline closed its end
	if err != nil {
		t.Fatal(err)
	}
	counts := dropped(p)
	if got := int64(bytes.Count(out, []byte("\n"))) + counts["closed"] + counts["write_error"]; got != 1000 {
		t.Errorf("%d of 1000 lines are accounted for: %v", got, counts)
	}
}

// faulty is a writer whose calls have the given results, one after the other.
type faulty struct {
	sink
	results     []func(p []byte) (int, error)
	sync, close error
	closed      int
}

func (f *faulty) Write(p []byte) (int, error) {
	if len(f.results) > 0 {
		result := f.results[0]
		f.results = f.results[1:]
		return result(p)
	}
	return f.sink.Write(p)
}

func (f *faulty) Sync() error  { return f.sync }
func (f *faulty) Close() error { f.closed++; return f.close }

func TestWriterFaults(t *testing.T) {
	broken := errors.New("broken")
	fail := func([]byte) (int, error) { return 0, broken }
	for _, tc := range []struct {
		name    string
		writer  func(f *faulty)
		kept    []string // messages of one, two and three that arrive
		lost    int64
		wantErr error
	}{
		{"none", func(*faulty) {}, []string{"one", "two", "three"}, 0, nil},
		{"a failed call", func(f *faulty) { f.results = append(f.results, fail) }, []string{"two", "three"}, 1, nil},
		{"only failed calls", func(f *faulty) { f.results = append(f.results, fail, fail, fail) }, nil, 3, broken},
		{"a panic", func(f *faulty) {
			f.results = append(f.results, func([]byte) (int, error) { panic("no") })
		}, []string{"two", "three"}, 1, nil},
		{"a short write", func(f *faulty) {
			f.results = append(f.results, func(p []byte) (int, error) { return f.sink.Write(p[:len(p)/2]) })
		}, []string{"two", "three"}, 1, nil},
		{"a short write and a failure after it", func(f *faulty) {
			f.results = append(f.results, func(p []byte) (int, error) { return f.sink.Write(p[:len(p)/2]) }, fail)
		}, []string{"three"}, 2, nil},
		{"an absurd count", func(f *faulty) {
			f.results = append(f.results, func(p []byte) (int, error) { return len(p) + 10, broken })
		}, []string{"two", "three"}, 0, nil},
		{"a pipe cannot be synced", func(f *faulty) { f.sync = &os.PathError{Op: "sync", Err: syscall.EINVAL} }, []string{"one", "two", "three"}, 0, nil},
		{"a terminal cannot be synced", func(f *faulty) { f.sync = syscall.ENOTTY }, []string{"one", "two", "three"}, 0, nil},
		{"a full disk at sync", func(f *faulty) { f.sync = syscall.ENOSPC }, []string{"one", "two", "three"}, 0, syscall.ENOSPC},
		{"a failure at close", func(f *faulty) { f.close = syscall.EIO }, []string{"one", "two", "three"}, 0, syscall.EIO},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := &faulty{}
			tc.writer(f)
			p, err := zaplog.New(service, f)
			if err != nil {
				t.Fatal(err)
			}
			for _, message := range []string{"one", "two", "three"} {
				p.Logger().Info(message)
				_ = p.Logger().Sync() // one call a line
			}
			if err := p.Shutdown(t.Context()); !errors.Is(err, tc.wantErr) {
				t.Errorf("Shutdown: %v, want %v", err, tc.wantErr)
			}
			var kept []string
			for line := range strings.Lines(f.String()) {
				if object, err := jsonline.Decode(strings.TrimSuffix(line, "\n")); err == nil {
					kept = append(kept, object["message"].(string))
				}
			}
			if fmt.Sprint(kept) != fmt.Sprint(tc.kept) || dropped(p)["write_error"] != tc.lost || f.closed != 1 {
				t.Errorf("kept %v, lost %v, closed %d times: %q", kept, dropped(p), f.closed, f.String())
			}
		})
	}
}

func TestEveryReasonIsReportedFromTheStart(t *testing.T) {
	p, _ := newPipeline(t, service)
	var reasons []string
	p.Dropped(func(reason string, n int64) { reasons = append(reasons, fmt.Sprint(reason, n)) })
	if got := strings.Join(reasons, " "); got != "queue_full0 write_error0 closed0 rate_limited0" {
		t.Errorf("got %s", got)
	}
}

// chunks counts the calls and their greatest size.
type chunks struct{ calls, most int }

func (c *chunks) Write(p []byte) (int, error) {
	c.calls++
	c.most = max(c.most, len(p))
	return len(p), nil
}

func TestLinesShareWriteCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &chunks{}
		p, err := zaplog.New(service, c)
		if err != nil {
			t.Fatal(err)
		}
		for range 1000 { // 300 kB
			p.Logger().Info("m")
		}
		if err := p.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if c.calls > 10 || c.most > 64<<10 || c.most < 60<<10 {
			t.Errorf("%d calls of up to %d bytes", c.calls, c.most)
		}
	})
}

func TestPipelineConcurrentSafe(t *testing.T) {
	out := &sink{}
	p, err := zaplog.New(service, out)
	if err != nil {
		t.Fatal(err)
	}
	const workers, each = 8, 50
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			log, events := p.Logger().With(zap.Any("m", map[string]int{"a": 1})), p.Events(0)
			for i := range each {
				log.Info("m", zap.Int("i", i), zap.Any("v", []string{"a"}))
				events.Request(requestContext(), access)
				events.Error(t.Context(), errors.New("e"))
				_ = p.Flush(t.Context())
				p.Dropped(func(string, int64) {})
				p.Level().SetLevel(zap.InfoLevel)
			}
		})
	}
	stopped := make(chan struct{})
	go func() { // ends somewhere in between
		defer close(stopped)
		time.Sleep(time.Millisecond)
		_ = p.Shutdown(context.Background())
	}()
	wg.Wait()
	<-stopped
	lines := int64(0)
	for line := range strings.Lines(out.String()) {
		lines++
		if _, err := jsonline.Decode(strings.TrimSuffix(line, "\n")); err != nil {
			t.Errorf("%v in %s", err, line)
		}
	}
	counts := dropped(p)
	if lines+counts["closed"]+counts["queue_full"] != workers*each*3 {
		t.Errorf("%d lines and %v of %d", lines, counts, workers*each*3)
	}
}

func TestStandardStreamsStayOpen(t *testing.T) {
	p, err := zaplog.New(zaplog.Config{Level: "error"}, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stderr.Stat(); err != nil {
		t.Errorf("stderr: %v", err)
	}
}

func TestAccessLineAllocatesNothing(t *testing.T) {
	p, err := zaplog.New(service, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Shutdown(t.Context())
	events, ctx := p.Events(0), requestContext()
	if n := testing.AllocsPerRun(1000, func() { events.Request(ctx, access) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
