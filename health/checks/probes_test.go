package checks_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tutorflow/observability/health/checks"
)

// TestLivenessAsksNoDatabase has a database at its worst, with real time: a
// probe that waited for it would take its timeout.
func TestLivenessAsksNoDatabase(t *testing.T) {
	for name, ping := range map[string]func(ctx context.Context, end <-chan struct{}) error{
		"a database that is down":           func(context.Context, <-chan struct{}) error { return errors.New("refused") },
		"a database that does not answer":   func(ctx context.Context, _ <-chan struct{}) error { <-ctx.Done(); return ctx.Err() },
		"a driver that ignores its context": func(_ context.Context, end <-chan struct{}) error { <-end; return nil },
		"a driver that panics":              func(context.Context, <-chan struct{}) error { panic("driver") },
	} {
		t.Run(name, func(t *testing.T) {
			var pings atomic.Int64
			end := make(chan struct{})
			db := open(t, &connector{ping: func(ctx context.Context) error { pings.Add(1); return ping(ctx, end) }})
			h := start(t, checks.SQL("database", db))
			t.Cleanup(func() { close(end) }) // Before the one of start, which waits for the ping.
			started := time.Now()
			for range 100 { // From before the first ping on.
				if code, body := get(h, "/health/live"); code != http.StatusOK {
					t.Errorf("%d %s", code, body)
				}
			}
			for pings.Load() == 0 {
				time.Sleep(time.Millisecond)
			}
			for range 100 {
				if code, body := get(h, "/health/live"); code != http.StatusOK {
					t.Errorf("%d %s", code, body)
				}
			}
			if took := time.Since(started); took > time.Second {
				t.Errorf("200 probes took %v, a ping takes 2s", took)
			}
			if code, body := get(h, "/health/ready"); code != http.StatusServiceUnavailable {
				t.Errorf("ready: %d %s", code, body)
			}
		})
	}
}

// TestAHerdOfProbesOpensOneConnection has 200 real connections at once, and a
// pool without a limit.
func TestAHerdOfProbesOpensOneConnection(t *testing.T) {
	c := &connector{ping: func(context.Context) error { time.Sleep(50 * time.Millisecond); return nil }}
	server := httptest.NewServer(start(t, checks.SQL("database", open(t, c))))
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: -1}}
	var herd sync.WaitGroup
	for range 200 {
		herd.Go(func() {
			response, err := client.Get(server.URL + "/health/db")
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		})
	}
	herd.Wait()
	if got := c.opens.Load(); got != 1 {
		t.Errorf("%d connections were opened, want 1", got)
	}
}
