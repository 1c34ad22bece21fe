package health_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/health"
)

func TestDrainFailsReadinessFirstAndAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(passes)
		c := start(t, health.Check{Name: "database", Kind: health.KindDatabase, Run: f.Run})
		h := c.Handler()
		synctest.Wait()
		expect(t, h, "/health/ready", 200, "")

		c.Drain()
		c.Drain()
		for range 15 { // The load balancer notices, requests in flight finish.
			expect(t, h, "/health/ready", 503, "")
			for _, path := range []string{"/health", "/health/live", "/health/startup", "/health/db"} {
				expect(t, h, path, 200, "")
			}
			time.Sleep(time.Second)
		}
		if got := f.runs.Load(); got != 2 {
			t.Errorf("%d runs, want 2: the schedule goes on while draining", got)
		}

		f.become(fails)
		time.Sleep(20 * time.Second)
		synctest.Wait()
		expect(t, h, "/health", 503, "") // Still reflects the checks.
		expect(t, h, "/health/ready", 503, `{"status":"not_ready","timestamp":"2000-01-01T00:00:35.000Z","reason":"draining"}`)
		if err := c.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestShutdownEndsRunningChecks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(waits)
		var log logBuffer
		c := start(t, health.Check{Name: "database", Kind: health.KindDatabase, Run: f.Run}, health.WithLogger(log.logger()))
		h := c.Handler()
		synctest.Wait()
		begin := time.Now()
		for range 2 {
			if err := c.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(begin); took != 0 {
			t.Errorf("took %v, want the check's context to end at once", took)
		}
		time.Sleep(time.Minute)
		if got := f.runs.Load(); got != 1 {
			t.Errorf("%d runs, want none after Shutdown", got)
		}
		if log.String() != "" {
			t.Errorf("a run that Shutdown ended was recorded: %s", log.String())
		}
		expect(t, h, "/health/live", 200, "")
		expect(t, h, "/health/ready", 503, "")
	})
}

func TestShutdownLeavesAHungCheckBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		c := start(t,
			health.Check{Name: "database", Kind: health.KindDatabase, Run: ignores(release)},
			health.Check{Name: "cache", Run: passes})
		time.Sleep(time.Minute)

		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		begin := time.Now()
		first := c.Shutdown(ctx)
		if took := time.Since(begin); took != 3*time.Second {
			t.Errorf("took %v, want the 3s of the context", took)
		}
		const want = "shut down health checks: still running database: context deadline exceeded"
		if first == nil || first.Error() != want || !errors.Is(first, context.DeadlineExceeded) {
			t.Errorf("error %v, want %s", first, want)
		}
		close(release)
		synctest.Wait()
		if second := c.Shutdown(t.Context()); second != first {
			t.Errorf("the second answer is %v, the first was %v", second, first)
		}
	})
}

func TestEachCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		c := start(t,
			health.Check{Name: "good", Run: takes(1500 * time.Millisecond)},
			health.Check{Name: "busy", Run: degrades},
			health.Check{Name: "bad", Run: fails, NonCritical: true},
			health.Check{Name: "hung", Run: ignores(release)},
		)
		t.Cleanup(func() { close(release) })
		read := func() (got []string) {
			c.EachCheck(func(name string, up bool, seconds float64) {
				got = append(got, fmt.Sprintln(name, up, seconds))
			})
			return got
		}
		time.Sleep(time.Second)
		synctest.Wait()
		before := []string{"good false 0\n", "busy true 0\n", "bad false 0\n", "hung false 0\n"}
		if diff := cmp.Diff(before, read()); diff != "" {
			t.Errorf("after a second (-want +got):\n%s", diff)
		}
		time.Sleep(4 * time.Second)
		after := []string{"good true 1.5\n", "busy true 0\n", "bad false 0\n", "hung false 2.5\n"}
		if diff := cmp.Diff(after, read()); diff != "" {
			t.Errorf("after five seconds (-want +got):\n%s", diff)
		}
	})
}

func TestCheckerConcurrentSafe(t *testing.T) {
	f := newFake(passes)
	c := start(t,
		health.Check{Name: "database", Kind: health.KindDatabase, Run: f.Run, Interval: time.Millisecond},
		health.Check{Name: "bad", Run: panics, Interval: time.Millisecond, NonCritical: true})
	h := c.Handler()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 20 {
				for _, path := range paths {
					if body := probe(h, path).Body.String(); !strings.HasPrefix(body, "{") {
						t.Errorf("GET %s: %s", path, body)
					}
				}
				c.EachCheck(func(string, bool, float64) {})
			}
			c.Drain()
			if i%2 == 0 {
				if err := c.Shutdown(context.Background()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	expect(t, h, "/health/ready", 503, "")
}
