package otlp_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/internal/otlpcollector"
)

func ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func TestShutdownClosesTheConnection(t *testing.T) {
	for name, ctx := range map[string]context.Context{"in time": context.Background(), "with a context that has ended": ended()} {
		t.Run(name, func(t *testing.T) {
			files := certificates(t)
			each(t, func(t *testing.T, protocol string, signal exporters.Signal) {
				config, err := files.TLS(files.Server, false)
				if err != nil {
					t.Fatal(err)
				}
				for _, options := range []otlpcollector.Options{{Protocol: protocol}, {Protocol: protocol, TLS: config}} {
					collector := otlpcollector.Start(t, options)
					with := settings(collector, protocol, signal)
					if options.TLS != nil {
						with.OTLP.Certificate = files.CA
					}
					exporter := open(t, signal, with)
					if err := exporter.export(t.Context(), 1); err != nil || collector.OpenConnections() != 1 {
						t.Fatalf("%d connections: %v", collector.OpenConnections(), err)
					}
					if err := exporter.shutdown(ctx); err != nil {
						t.Error(err)
					}
					eventually(t, "no connection", func() bool { return collector.OpenConnections() == 0 })
				}
			})
		})
	}
}

func TestShutdownTwiceGivesOneAnswerAndEndsTheExports(t *testing.T) {
	each(t, func(t *testing.T, protocol string, signal exporters.Signal) {
		collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
		exporter := open(t, signal, settings(collector, protocol, signal))
		for range 2 {
			if err := exporter.shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			if err := exporter.export(t.Context(), 1); err == nil || err.Error() != "otlp exporter is shut down" {
				t.Errorf("the export gave %v", err)
			}
		}
		if collector.Connections() != 0 {
			t.Error("there was a connection")
		}
	})
}

func TestShutdownWaitsForAnExport(t *testing.T) {
	each(t, func(t *testing.T, protocol string, signal exporters.Signal) {
		collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
		collector.Set(otlpcollector.Behaviour{Delay: 300 * time.Millisecond})
		exporter := open(t, signal, settings(collector, protocol, signal))
		exported := make(chan error, 1)
		go func() { exported <- exporter.export(t.Context(), 1) }()
		eventually(t, "an attempt", func() bool { return collector.Attempts(signal) == 1 })
		if err := exporter.shutdown(t.Context()); err != nil || collector.Items(signal) != 1 {
			t.Errorf("%d items were delivered: %v", collector.Items(signal), err)
		}
		if err := <-exported; err != nil {
			t.Error(err)
		}
	})
}

func TestShutdownDoesNotOutliveItsContext(t *testing.T) {
	for name, behaviour := range map[string]otlpcollector.Behaviour{
		"a collector that hangs":          {Hang: true},
		"a collector that is unavailable": {Failure: otlpcollector.Unavailable, RetryAfter: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, protocol string, signal exporters.Signal) {
				collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
				collector.Set(behaviour)
				with := settings(collector, protocol, signal)
				with.OTLP.Timeout = time.Minute
				exporter := open(t, signal, with)
				exported := make(chan error, 1)
				go func() { exported <- exporter.export(context.Background(), 1) }()
				eventually(t, "an attempt", func() bool { return collector.Attempts(signal) == 1 })
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				begin := time.Now()
				if err := exporter.shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "broken off") || time.Since(begin) > 5*time.Second {
					t.Errorf("after %v: %v", time.Since(begin), err)
				}
				if err := <-exported; err == nil {
					t.Error("the export went well")
				}
				eventually(t, "no connection", func() bool { return collector.OpenConnections() == 0 })
			})
		})
	}
}

func TestExportsAndShutdownConcurrentSafe(t *testing.T) {
	each(t, func(t *testing.T, protocol string, signal exporters.Signal) {
		collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
		exporter := open(t, signal, settings(collector, protocol, signal))
		var all sync.WaitGroup
		var mu sync.Mutex
		delivered := 0
		for range 4 {
			all.Go(func() {
				for range 3 {
					err := exporter.export(t.Context(), 1)
					if err != nil && !strings.Contains(err.Error(), "shut down") {
						t.Error(err)
					}
					if err == nil {
						mu.Lock()
						delivered++
						mu.Unlock()
					}
				}
			})
		}
		for range 2 {
			all.Go(func() {
				if err := exporter.shutdown(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got := collector.Items(signal); got != delivered {
			t.Errorf("%d items were delivered, %d exports went well", got, delivered)
		}
	})
}
