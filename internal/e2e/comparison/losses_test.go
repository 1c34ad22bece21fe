package comparison_test

import (
	"context"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/internal/otlpcollector"
)

func lossPromises() []promise {
	return []promise{
		{
			section: "5.2", name: "a span that a restart of the collector costs is counted",
			broken: func(t *testing.T, w wiring) error {
				c := collect(t, exporters.ProtocolHTTP)
				r := run(t, w)
				c.Stop()
				for range 20 {
					r.get("/work")
				}
				r.flushFor(time.Second)
				if err := c.Restart(); err != nil {
					t.Fatal(err)
				}
				for range 20 {
					r.get("/work")
				}
				r.flushFor(patience)
				return r.balance(c, 40)
			},
			plain: "20 of 40 spans are delivered, and the service counts 0 as lost",
		},
		{
			section: "5.3", name: "Shutdown tells what it could not deliver to a collector that hangs",
			environment: map[string]string{"OTEL_EXPORTER_OTLP_TIMEOUT": "500", "OTEL_BSP_SCHEDULE_DELAY": "60000"},
			broken: func(t *testing.T, w wiring) error {
				c := collect(t, exporters.ProtocolGRPC)
				t.Setenv("OTEL_METRICS_EXPORTER", "prometheus")
				r := run(t, w)
				c.Set(otlpcollector.Behaviour{Hang: true})
				for range 20 {
					r.get("/work")
				}
				err := r.end(patience)
				if c.Items(exporters.Traces) != 0 {
					t.Fatal("spans were delivered all the same")
				}
				if err == nil || !regexp.MustCompile(`\b20 spans\b`).MatchString(err.Error()) {
					return fmt.Errorf("20 spans are lost, and Shutdown says %v", err)
				}
				return nil
			},
			plain: "20 spans are lost, and Shutdown says <nil>",
		},
		{
			section: "5.4", name: "a span for which the queue has no room is counted",
			broken: func(t *testing.T, w wiring) error {
				c := collect(t, exporters.ProtocolGRPC)
				r := run(t, w)
				c.Set(otlpcollector.Behaviour{Hang: true})
				tracer := r.tracers.Tracer("burst")
				for range 10_000 {
					_, span := tracer.Start(t.Context(), "burst")
					span.End()
				}
				c.Set(otlpcollector.Behaviour{})
				r.flushFor(patience)
				if c.Items(exporters.Traces) == 10_000 {
					t.Fatal("the queue has room for all")
				}
				return r.balance(c, 10_000)
			},
			plain: "of 10000 spans are delivered, and the service counts 0 as lost",
		},
		{
			section: "11.3", name: "the last counts are exported though the context of Shutdown has ended",
			broken: func(t *testing.T, w wiring) error {
				c := collect(t, exporters.ProtocolGRPC)
				r := run(t, w)
				r.login(t.Context(), "kakao", 7)
				ctx, cancel := context.WithCancel(t.Context()) // as that of signal.NotifyContext
				cancel()
				err := r.shutdown(ctx)
				if got, _ := c.Value(loginsName, map[string]string{"provider": "kakao"}); got != 7 {
					return fmt.Errorf("of 7 logins the collector knows %v; Shutdown: %v", got, err)
				}
				return nil
			},
			plain: "of 7 logins the collector knows 0",
		},
	}
}

// flushFor has spans exported for a while.
func (r *running) flushFor(d time.Duration) {
	ctx, cancel := context.WithTimeout(r.t.Context(), d)
	defer cancel()
	_ = r.flush(ctx)
}

// balance compares the spans that were made with those that were delivered and
// those that the service's metrics count as lost.
func (r *running) balance(c *otlpcollector.Collector, made int) error {
	got, counted := c.Items(exporters.Traces), int(lost(r.scraped(), `signal="traces"`))
	if got+counted != made {
		return fmt.Errorf("%d of %d spans are delivered, and the service counts %d as lost", got, made, counted)
	}
	r.t.Logf("%d spans are delivered and %d counted as lost", got, counted)
	return nil
}
