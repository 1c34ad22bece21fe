package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/tutorflow/observability/health"
	"github.com/tutorflow/observability/telemetry/telemetrytest"
)

// TestErrorsOfChecksAreInTheLogWithoutTheirSecrets has the DSN of a driver in
// every error of a check: the log may have the error, and nobody the password. Of
// a panic nobody has the value.
func TestErrorsOfChecksAreInTheLogWithoutTheirSecrets(t *testing.T) {
	for name, dsn := range map[string]string{
		"a URL":          "postgres://admin:hunter2@db.internal:5432/tutorflow",
		"keys of libpq":  "host=db.internal user=admin password=hunter2",
		"a broken URL":   `parse "postgres://admin:hunter2@db.internal:port/": invalid port`,
		"a bearer token": "GET https://api.example.com/status: Authorization: Bearer hunter2",
	} {
		for kind, run := range map[string]func(context.Context) error{
			"an error":  func(context.Context) error { return fmt.Errorf("connect: %w", errors.New(dsn)) },
			"a panic":   func(context.Context) error { panic(dsn) },
			"two of it": func(context.Context) error { return errors.Join(health.ErrDegraded, errors.New(dsn)) },
		} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				r := telemetrytest.New(t)
				checks, err := health.New("1", health.WithLogger(slog.New(r.SlogHandler())), health.Check{Name: "cache", Run: run})
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = checks.Shutdown(context.Background()) }()
				if _, err := r.ObserveHealth(checks); err != nil {
					t.Fatal(err)
				}
				var logged string
				for range 500 {
					for _, line := range r.Logs() {
						if line["message"] == "health check changed" {
							logged = fmt.Sprint(line)
						}
					}
					if logged != "" {
						break
					}
					time.Sleep(10 * time.Millisecond)
				}
				shown := get(t, checks.Handler(), "/health/detailed").Body.String() + get(t, checks.Handler(), "/health/ready").Body.String() + r.Exposition()
				if strings.Contains(logged+shown, "hunter2") {
					t.Errorf("the secret is shown:\n%s\n%s", logged, shown)
				}
				if strings.Contains(logged, "[REDACTED]") == (kind == "a panic") || strings.Contains(shown, "[REDACTED]") || strings.Contains(shown, "db.internal") {
					t.Errorf("the log is to have the error, and nothing else:\n%s\n%s", logged, shown)
				}
			})
		}
	}
}
