package health_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tutorflow/observability/health"
)

// TestScheduleAloneDecidesHowOftenACheckRuns has a herd of probes each second,
// of a check that passes and of one that fails: both answers are kept.
func TestScheduleAloneDecidesHowOftenACheckRuns(t *testing.T) {
	for name, run := range map[string]func(context.Context) error{"a check that passes": passes, "a check that fails": fails, "a slow check": takes(1900 * time.Millisecond)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(run)
				h := start(t, health.Check{Name: "database", Kind: health.KindDatabase, Run: f.Run, Interval: 5 * time.Second}).Handler()
				for range 60 {
					var herd sync.WaitGroup
					for range 20 {
						herd.Go(func() {
							for _, path := range paths {
								probe(h, path)
							}
						})
					}
					herd.Wait()
					time.Sleep(time.Second)
				}
				synctest.Wait()
				if got := f.runs.Load(); got != 13 {
					t.Errorf("%d runs in a minute, want the 13 of the schedule", got)
				}
			})
		})
	}
}

// TestResultsThatAreNotRenewedGrowStale has a schedule that has ended: whatever
// shows a result then must not show the last one for ever.
func TestResultsThatAreNotRenewedGrowStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t,
			health.Check{Name: "database", Kind: health.KindDatabase, Run: passes, MaxAge: time.Minute},
			health.Check{Name: "toss_payments", Kind: health.KindExternalService, Run: passes, NonCritical: true, MaxAge: time.Hour})
		h := c.Handler()
		time.Sleep(time.Second)
		if err := c.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		read := func() (up []bool) {
			c.EachCheck(func(_ string, is bool, _ float64) { up = append(up, is) })
			return up
		}
		time.Sleep(59 * time.Second) // The result is as old as it may be.
		expect(t, h, "/health", 200, "")
		if up := read(); !up[0] || !up[1] {
			t.Errorf("up: %v", up)
		}
		time.Sleep(time.Millisecond)
		expect(t, h, "/health", 503, "")
		expect(t, h, "/health/live", 200, "")
		expect(t, h, "/health/db", 503, `{"database":{"status":"unhealthy","latency_ms":0,"reason":"stale"},"timestamp":"2000-01-01T00:01:00.001Z"}`)
		if up := read(); up[0] || !up[1] {
			t.Errorf("up: %v, want the first one down", up)
		}
		for range 10 { // It shows how old, and stays so.
			body := probe(h, "/health/detailed").Body.String()
			if !strings.Contains(body, `"last_checked":"2000-01-01T00:00:00.000Z","reason":"stale"`) {
				t.Errorf("the age is not shown: %s", body)
			}
			time.Sleep(time.Hour)
		}
	})
}

func TestClockThatJumpsChangesNoAge(t *testing.T) {
	for name, jump := range map[string]time.Duration{"an hour back": -time.Hour, "an hour forward": time.Hour, "a century back": -100 * 365 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var set time.Duration
				wall := func() time.Time { return time.Now().Add(set).Round(0) } // without its monotonic part
				c := start(t, health.Check{Name: "cache", Run: passes}, health.WithWallClock(wall))
				h := c.Handler()
				time.Sleep(3 * time.Second)
				set = jump
				for range 40 { // The schedule goes on, and every age is what it is.
					var body struct {
						Timestamp  time.Time
						Components struct {
							Cache struct {
								LastChecked time.Time `json:"last_checked"`
							}
						}
					}
					if err := json.Unmarshal(probe(h, "/health/detailed").Body.Bytes(), &body); err != nil {
						t.Fatal(err)
					}
					if age := body.Timestamp.Sub(body.Components.Cache.LastChecked); age < 0 || age > 10*time.Second {
						t.Errorf("the last run was %v ago", age)
					}
					expect(t, h, "/health/ready", http.StatusOK, "")
					time.Sleep(time.Second)
				}
				if err := c.Shutdown(t.Context()); err != nil {
					t.Error(err)
				}
				time.Sleep(time.Minute)
				expect(t, h, "/health", http.StatusServiceUnavailable, "")
			})
		})
	}
}

// panickingHandler is a log that is broken.
type panickingHandler struct{ slog.Handler }

func (panickingHandler) Handle(context.Context, slog.Record) error { panic("no log") }

func TestLogThatPanicsEndsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(fails)
		h := start(t, health.WithLogger(slog.New(panickingHandler{slog.NewTextHandler(&logBuffer{}, nil)})), health.Check{Name: "cache", Run: f.Run}).Handler()
		time.Sleep(time.Second)
		expect(t, h, "/health/ready", http.StatusServiceUnavailable, "")
		f.become(passes)
		time.Sleep(time.Minute)
		expect(t, h, "/health/ready", http.StatusOK, "")
	})
}
