package health_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/health"
)

var paths = []string{"/health", "/health/detailed", "/health/ready", "/health/live", "/health/startup", "/health/db"}

// systemFigures matches the values that depend on the machine.
var systemFigures = regexp.MustCompile(
	`"hostname":"[^"]+","system":"[a-z0-9]+","go_version":"[^"]+","cpu_percent":[0-9.]+,"memory_percent":[0-9.]+,"disk_usage_percent":[0-9.]+,"goroutines":[0-9]+`)

const steadyFigures = `"hostname":"HOST","system":"SYSTEM","go_version":"GO","cpu_percent":1.5,"memory_percent":2.5,"disk_usage_percent":3.5,"goroutines":4`

// TestBodies compares each path in each state, byte for byte, with a golden file.
func TestBodies(t *testing.T) {
	database := func(run func(context.Context) error) health.Check {
		return health.Check{Name: "database", Kind: health.KindDatabase, Run: run}
	}
	toss := func(run func(context.Context) error) health.Check {
		return health.Check{Name: "toss_payments", Kind: health.KindExternalService, NonCritical: true, Run: run}
	}
	kakao := health.Check{Name: "kakao_oauth", Kind: health.KindExternalService, NonCritical: true, Run: takes(3 * time.Millisecond)}
	var release chan struct{}
	states := []struct {
		name  string
		after time.Duration // how long the checks run before the probes
		then  func(*health.Checker)
		parts []health.Part
	}{
		{name: "no_checks"},
		{name: "starting", parts: []health.Part{database(takes(time.Second))}},
		{name: "healthy", after: time.Second, parts: []health.Part{database(takes(1200 * time.Microsecond)), toss(takes(time.Second / 4)), kakao}},
		{name: "external_service_failing", after: time.Minute, parts: []health.Part{database(takes(1200 * time.Microsecond)), toss(fails), kakao}},
		{name: "database_failing", after: time.Minute, parts: []health.Part{database(fails), toss(passes)}},
		{name: "database_slow", after: time.Minute, parts: []health.Part{database(waits), toss(passes)}},
		{name: "database_hanging", after: time.Minute, parts: []health.Part{database(func(context.Context) error { <-release; return nil }), toss(passes)}},
		{name: "database_panicking", after: time.Minute, parts: []health.Part{database(panics)}},
		{name: "database_busy", after: time.Minute, parts: []health.Part{database(degrades)}},
		{name: "several_databases", after: time.Minute, parts: []health.Part{
			database(takes(time.Millisecond)),
			health.Check{Name: "replica", Kind: health.KindDatabase, NonCritical: true, Run: fails},
			health.Check{Name: "disk", Run: takes(2 * time.Millisecond)},
		}},
		{name: "draining", after: time.Second, then: (*health.Checker).Drain, parts: []health.Part{database(passes)}},
		{name: "stale", after: time.Minute, parts: []health.Part{database(passes), toss(passes)}, then: func(c *health.Checker) {
			_ = c.Shutdown(context.Background())
			time.Sleep(time.Minute)
		}},
	}
	for _, state := range states {
		t.Run(state.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				// A channel belongs to the bubble that made it.
				release = make(chan struct{})
				c := start(t, state.parts...)
				// Runs before the cleanup of start, which waits for the hung check.
				t.Cleanup(func() { close(release) })
				time.Sleep(state.after)
				synctest.Wait()
				if state.then != nil {
					state.then(c)
				}

				var got bytes.Buffer
				handler := c.Handler()
				for _, path := range paths {
					rec := probe(handler, path)
					body := systemFigures.ReplaceAll(rec.Body.Bytes(), []byte(steadyFigures))
					fmt.Fprintf(&got, "GET %s %d\n%s\n", path, rec.Code, body)
				}
				golden(t, state.name, got.Bytes())
			})
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
