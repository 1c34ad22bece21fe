package health_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/health"
)

// TestErrorTextsStayInTheLog looks for the canary wherever a stranger can look.
func TestErrorTextsStayInTheLog(t *testing.T) {
	for name, run := range map[string]func(context.Context) error{
		"an error":              fails,
		"a panic":               panics,
		"a panic with an error": func(context.Context) error { panic(errCanary) },
		"a busy pool":           degrades,
		"a timeout":             func(ctx context.Context) error { <-ctx.Done(); return errCanary },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log logBuffer
				h := start(t, health.WithLogger(log.logger()),
					health.Check{Name: "database", Kind: health.KindDatabase, Run: run},
					health.Check{Name: "toss_payments", Kind: health.KindExternalService, Run: run},
				).Handler()
				time.Sleep(time.Minute)
				synctest.Wait()
				for _, path := range paths {
					rec := probe(h, path)
					var seen strings.Builder
					if err := rec.Header().Write(&seen); err != nil {
						t.Fatal(err)
					}
					seen.WriteString(rec.Body.String())
					for _, secret := range []string{"hunter2", "db.internal", "postgres", "goroutine "} {
						if strings.Contains(seen.String(), secret) {
							t.Errorf("GET %s shows %q:\n%s", path, secret, seen.String())
						}
					}
				}
				cause := canary
				if strings.Contains(name, "panic") { // what it panicked with may be a secret
					cause = "panic with a "
				}
				if !strings.Contains(log.String(), cause) {
					t.Errorf("the log lacks the cause: %s", log.String())
				}
			})
		})
	}
}

func TestOnlyChangesAreLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logBuffer
		f := newFake(passes)
		start(t, health.WithLogger(log.logger()),
			health.Check{Name: "database", Kind: health.KindDatabase, Run: f.Run},
			health.Check{Name: "kakao_oauth", Run: fails, NonCritical: true})
		for _, run := range []func(context.Context) error{passes, fails, passes, degrades, fails, passes} {
			f.become(run)
			time.Sleep(time.Minute)
			synctest.Wait()
		}
		const cause = ` error="connect ` + canary + `"`
		want := strings.Join([]string{
			`level=WARN msg="health check changed" check=kakao_oauth status=unhealthy reason=failed` + cause,
			`level=ERROR msg="health check changed" check=database status=unhealthy previous_status=healthy reason=failed` + cause,
			`level=INFO msg="health check changed" check=database status=healthy previous_status=unhealthy`,
			`level=WARN msg="health check changed" check=database status=degraded previous_status=healthy reason=failed error="degraded\nconnect ` + canary + `"`,
			`level=ERROR msg="health check changed" check=database status=unhealthy previous_status=degraded reason=failed` + cause,
			`level=INFO msg="health check changed" check=database status=healthy previous_status=unhealthy`,
		}, "\n") + "\n"
		if diff := cmp.Diff(want, log.String()); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}
	})
}

func TestPanicIsLoggedWithItsStack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logBuffer
		start(t, health.WithLogger(log.logger()), health.Check{Name: "cache", Run: panics},
			health.Check{Name: "index", Run: func(context.Context) error { _ = []int{}[len(paths)]; return nil }})
		synctest.Wait()
		for _, want := range []string{`error="panic with a string"`, "stack=", "health_test.panics", `error="panic: runtime error: index out of range`} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log lacks %q: %s", want, log.String())
			}
		}
		if strings.Contains(log.String(), canary) {
			t.Errorf("the log shows what the check panicked with: %s", log.String())
		}
	})
}

func TestDefaultLoggerIsTheOneAtTheTimeOfTheChange(t *testing.T) {
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		c, err := health.New("1.4.0", health.Check{Name: "cache", Run: func(context.Context) error {
			<-release
			return errors.New("refused")
		}})
		if err != nil {
			t.Fatal(err)
		}
		var log logBuffer
		slog.SetDefault(log.logger())
		close(release)
		synctest.Wait()
		if err := c.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if !strings.Contains(log.String(), "error=refused") {
			t.Errorf("log: %q", log.String())
		}
	})
}

// blockedHandler is a log whose sink takes nothing until the test lets it go.
type blockedHandler struct {
	slog.Handler
	release <-chan struct{}
}

func (h blockedHandler) Handle(context.Context, slog.Record) error { <-h.release; return nil }

func TestBlockedLogStopsNoCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		logger := slog.New(blockedHandler{slog.NewTextHandler(&logBuffer{}, nil), release})
		f := newFake(fails)
		h := start(t, health.WithLogger(logger), health.Check{Name: "cache", Run: f.Run}).Handler()
		t.Cleanup(func() { close(release) })
		time.Sleep(time.Minute)
		synctest.Wait()
		expect(t, h, "/health/ready", 503, "")
		f.become(passes)
		time.Sleep(time.Minute)
		synctest.Wait()
		expect(t, h, "/health/ready", 200, "")
		if got := f.runs.Load(); got != 13 {
			t.Errorf("%d runs in two minutes, want 13", got)
		}
	})
}
