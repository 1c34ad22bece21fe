package health_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/health"
)

func TestChecksRunAtOnceAndThenAtTheirInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(passes)
		start(t, health.Check{Name: "database", Kind: health.KindDatabase, Run: f.Run, Interval: 5 * time.Second})
		synctest.Wait()
		if got := f.runs.Load(); got != 1 {
			t.Errorf("%d runs at the start, want 1", got)
		}
		time.Sleep(60 * time.Second)
		synctest.Wait()
		if got := f.runs.Load(); got != 13 {
			t.Errorf("%d runs after a minute, want 13", got)
		}
	})
}

func TestProbesRunNoCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(passes)
		h := start(t, health.Check{Name: "database", Kind: health.KindDatabase, Run: f.Run}).Handler()
		synctest.Wait()
		var wg sync.WaitGroup
		for range 200 {
			wg.Go(func() {
				for _, path := range paths {
					if rec := probe(h, path); rec.Code != http.StatusOK {
						t.Errorf("GET %s: %d", path, rec.Code)
					}
				}
			})
		}
		wg.Wait()
		if got := f.runs.Load(); got != 1 {
			t.Errorf("%d runs after 200 probes of each path, want the 1 of the schedule", got)
		}
	})
}

func TestHungCheckCostsOneGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		f := newFake(passes)
		c := start(t, health.Check{Name: "database", Kind: health.KindDatabase, Run: f.Run})
		h := c.Handler()
		synctest.Wait()
		before := goroutines()

		f.become(ignores(release))
		for range 1000 { // 100 intervals, with a probe each second
			time.Sleep(time.Second)
			expect(t, h, "/health/live", 200, "")
			probe(h, "/health/ready")
		}
		synctest.Wait()
		if got := goroutines() - before; got != 1 {
			t.Errorf("%d goroutines more, want 1", got)
		}
		if got := f.runs.Load(); got != 2 {
			t.Errorf("%d runs, want the first and the one that hangs", got)
		}
		expect(t, h, "/health/ready", 503, "")

		// It goes on with its schedule once the function has returned.
		f.become(passes)
		close(release)
		synctest.Wait()
		// Its late answer says nothing about now.
		if body := probe(h, "/health/ready").Body.String(); !strings.Contains(body, "database: hung") {
			t.Errorf("right after it returned: %s", body)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		expect(t, h, "/health/ready", 200, "")
		if got := goroutines() - before; got != 0 {
			t.Errorf("%d goroutines more after it returned, want 0", got)
		}
	})
}

// goroutines counts those that run code of the package.
func goroutines() (n int) {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for _, stack := range strings.Split(string(stacks), "\n\n") {
		if strings.Contains(stack, "observability/health.(*") {
			n++
		}
	}
	return n
}

func TestHungCheckIsShownAfterItsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		c := start(t, health.Check{Name: "database", Kind: health.KindDatabase, Run: ignores(release)})
		t.Cleanup(func() { close(release) })
		h := c.Handler()
		time.Sleep(2400 * time.Millisecond)
		expect(t, h, "/health/ready", 503, `{"status":"not_ready","timestamp":"2000-01-01T00:00:02.400Z","reason":"database: stale"}`)
		time.Sleep(200 * time.Millisecond)
		expect(t, h, "/health/ready", 503, `{"status":"not_ready","timestamp":"2000-01-01T00:00:02.600Z","reason":"database: hung"}`)
	})
}

func TestReasons(t *testing.T) {
	late := func(ctx context.Context) error { <-ctx.Done(); return nil }
	cases := map[string]struct {
		run    func(context.Context) error
		status int
		reason string
	}{
		"an error":                          {fails, 503, "failed"},
		"an error that wraps a deadline":    {func(context.Context) error { return errors.Join(errCanary, context.DeadlineExceeded) }, 503, "timeout"},
		"a check that honours its context":  {waits, 503, "timeout"},
		"another error after the deadline":  {func(ctx context.Context) error { <-ctx.Done(); return errCanary }, 503, "timeout"},
		"a success after the deadline":      {late, 503, "timeout"},
		"a panic":                           {panics, 503, "panic"},
		"a panic with nil":                  {func(context.Context) error { panic(nil) }, 503, "panic"},
		"an error that panics when shown":   {func(context.Context) error { return (*brokenError)(nil) }, 503, "failed"},
		"a check that ends its goroutine":   {func(context.Context) error { runtime.Goexit(); return nil }, 503, "panic"},
		"a busy pool, even when critical":   {degrades, 200, "failed"},
		"a busy pool that timed out":        {func(ctx context.Context) error { <-ctx.Done(); return errors.Join(health.ErrDegraded, ctx.Err()) }, 200, "timeout"},
		"a context that somebody cancelled": {func(context.Context) error { return context.Canceled }, 503, "failed"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := start(t, health.Check{Name: "database", Kind: health.KindDatabase, Run: tc.run}).Handler()
				time.Sleep(3 * time.Second)
				rec := probe(h, "/health/db")
				if rec.Code != tc.status || !strings.Contains(rec.Body.String(), `"reason":"`+tc.reason+`"`) {
					t.Errorf("%d %s, want %d with the reason %s", rec.Code, rec.Body, tc.status, tc.reason)
				}
				expect(t, h, "/health/ready", tc.status, "")
				expect(t, h, "/health/live", 200, "")
			})
		})
	}
}

// brokenError is a mistake that is easy to make: a nil pointer that is not a nil error.
type brokenError struct{ text string }

func (e *brokenError) Error() string { return e.text }

func TestProberThatGoesAwayChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(takes(200 * time.Millisecond))
		h := start(t, health.Check{Name: "database", Kind: health.KindDatabase, Run: f.Run}).Handler()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/health/ready", nil).WithContext(ctx))
		time.Sleep(time.Second)
		expect(t, h, "/health/ready", 200, "")
		if got := f.runs.Load(); got != 1 {
			t.Errorf("%d runs, want 1", got)
		}
	})
}

func TestAgesDoNotDependOnTheWallClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Round(0) drops the monotonic part, as a clock that is set would.
		wall := func() time.Time { return time.Now().Add(-time.Hour).Round(0) }
		c := start(t, health.Check{Name: "cache", Run: passes}, health.WithWallClock(wall))
		h := c.Handler()
		time.Sleep(time.Second)
		expect(t, h, "/health/ready", 200, `{"status":"ready","timestamp":"1999-12-31T23:00:01.000Z"}`)
		if body := probe(h, "/health/detailed").Body.String(); !strings.Contains(body, `"last_checked":"1999-12-31T23:00:00.000Z"`) {
			t.Errorf("the last run is not one second before the timestamp: %s", body)
		}
		_ = c.Shutdown(t.Context())
		time.Sleep(31 * time.Second)
		expect(t, h, "/health", 200, "")
		time.Sleep(2 * time.Second) // Past 3 intervals and one timeout.
		expect(t, h, "/health", 503, "")
	})
}

func TestThresholds(t *testing.T) {
	cases := map[string]struct {
		failure, success int
		script           string // h healthy, d degraded, u unhealthy: one letter a run
		want             string // the status shown after each run
	}{
		"one failure is not shown":                {2, 1, "huhhuh", "hhhhhh"},
		"two in a row are":                        {2, 1, "huuuhh", "hhuuhh"},
		"the first result decides at once":        {3, 3, "uuhhhh", "uuuuhh"},
		"flapping never reaches the threshold":    {3, 1, "huuhuuhuu", "hhhhhhhhh"},
		"a recovery must last":                    {1, 3, "uhhuhhhh", "uuuuuuhh"},
		"degraded counts as worse than healthy":   {2, 1, "hdddh", "hhddh"},
		"from degraded to unhealthy":              {2, 2, "dudduuhhh", "dddddu" + "uhh"},
		"the last of a mixed row is shown":        {2, 1, "hduh", "hhuh"},
		"from unhealthy to degraded is recovery":  {1, 2, "uddhh", "uudd" + "h"},
		"a failure restarts the way to recovery":  {2, 2, "dhuhh", "ddddh"},
		"a success restarts the way to failure":   {2, 2, "duhuu", "ddddu"},
		"a result that agrees restarts the count": {2, 1, "hudhuh", "hhdhhh"},
	}
	letters := map[byte]func(context.Context) error{'h': passes, 'd': degrades, 'u': fails}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(letters[tc.script[0]])
				c := start(t, health.Check{Name: "database", Kind: health.KindDatabase, Run: f.Run, Interval: time.Second, MaxAge: time.Minute}.
					With(health.Thresholds(tc.failure, tc.success)))
				h := c.Handler()
				var got strings.Builder
				for i := range len(tc.script) {
					synctest.Wait()
					body := probe(h, "/health").Body.String()
					got.WriteByte(strings.TrimPrefix(body, `{"status":"`)[0])
					if i+1 < len(tc.script) {
						f.become(letters[tc.script[i+1]])
						time.Sleep(time.Second)
					}
				}
				if diff := cmp.Diff(tc.want, got.String()); diff != "" {
					t.Errorf("script %s (-want +got):\n%s", tc.script, diff)
				}
			})
		})
	}
}
