package otlp_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/internal/otlpcollector"
)

func TestOpeningDoesNotConnect(t *testing.T) {
	each(t, func(t *testing.T, protocol string, signal exporters.Signal) {
		collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
		if err := open(t, signal, settings(collector, protocol, signal)).shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if got := collector.Connections(); got != 0 {
			t.Errorf("there were %d connections", got)
		}
	})
}

func TestCollectorThatComesLaterGetsTheExport(t *testing.T) {
	each(t, func(t *testing.T, protocol string, signal exporters.Signal) {
		collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
		collector.Stop()
		with := settings(collector, protocol, signal)
		with.OTLP.Timeout = 30 * time.Second
		exporter := open(t, signal, with)
		exported := make(chan error)
		go func() { exported <- exporter.export(t.Context(), 1) }()
		time.Sleep(time.Second)
		if err := collector.Restart(); err != nil {
			t.Error(err)
		}
		begin := time.Now()
		if err := <-exported; err != nil || time.Since(begin) > 15*time.Second {
			t.Errorf("%v after the start: %v", time.Since(begin), err)
		}
		if got := collector.Items(signal); got != 1 {
			t.Errorf("%d items were delivered", got)
		}
	})
}

func TestOutageIsGotOver(t *testing.T) {
	each(t, func(t *testing.T, protocol string, signal exporters.Signal) {
		collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
		exporter := open(t, signal, settings(collector, protocol, signal))
		if err := exporter.export(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		collector.Stop()
		down, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if err := exporter.export(down, 1); err == nil || !strings.Contains(err.Error(), "refused") {
			t.Errorf("the export gave %v", err)
		}
		if err := collector.Restart(); err != nil {
			t.Fatal(err)
		}
		if err := exporter.export(t.Context(), 1); err != nil || collector.Items(signal) != 2 {
			t.Errorf("%d items were delivered: %v", collector.Items(signal), err)
		}
	})
}

func TestConnectionsThatBreakAreTriedAgain(t *testing.T) {
	each(t, func(t *testing.T, protocol string, signal exporters.Signal) {
		collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
		exporter := open(t, signal, settings(collector, protocol, signal))
		if err := exporter.export(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		collector.Set(otlpcollector.Behaviour{Close: true})
		exported := make(chan error)
		go func() { exported <- exporter.export(t.Context(), 1) }()
		eventually(t, "a second connection", func() bool { return collector.Connections() >= 2 })
		collector.Set(otlpcollector.Behaviour{})
		if err := <-exported; err != nil || collector.Items(signal) != 2 {
			t.Errorf("%d items were delivered: %v", collector.Items(signal), err)
		}
	})
}

func TestFailuresThatPassAreTriedAgain(t *testing.T) {
	for name, test := range map[string]struct {
		behaviour  otlpcollector.Behaviour
		grpc, http int // attempts; those that end in success are Times and one more
	}{
		"too many, with the time to wait":    {otlpcollector.Behaviour{Failure: otlpcollector.Exhausted, RetryAfter: 10 * time.Millisecond, Times: 1}, 2, 2},
		"too many, without the time to wait": {otlpcollector.Behaviour{Failure: otlpcollector.Exhausted, Times: 1}, 1, 2},
		"unavailable twice":                  {otlpcollector.Behaviour{Failure: otlpcollector.Unavailable, Times: 2}, 3, 3},
		"an internal error is for good":      {otlpcollector.Behaviour{Failure: otlpcollector.Internal, Times: 1}, 1, 1},
		"an invalid request is for good":     {otlpcollector.Behaviour{Failure: otlpcollector.Invalid, Times: 1}, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, protocol string, signal exporters.Signal) {
				collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
				collector.Set(test.behaviour)
				err := open(t, signal, settings(collector, protocol, signal)).export(t.Context(), 2)
				want := test.http
				if protocol == exporters.ProtocolGRPC {
					want = test.grpc
				}
				delivered := want > test.behaviour.Times
				if got := collector.Attempts(signal); got != want || (err == nil) != delivered || (collector.Items(signal) == 2) != delivered {
					t.Errorf("%d attempts, want %d; %d items: %v", got, want, collector.Items(signal), err)
				}
			})
		})
	}
}

func TestExportEndsAtItsTimeout(t *testing.T) {
	for name, behaviour := range map[string]otlpcollector.Behaviour{
		"a collector that hangs":             {Hang: true},
		"a collector that closes":            {Close: true},
		"a collector that is unavailable":    {Failure: otlpcollector.Unavailable},
		"a collector that wants an hour":     {Failure: otlpcollector.Unavailable, RetryAfter: time.Hour},
		"a collector slower than the limit":  {Delay: 20 * time.Second},
		"a collector with too much to be ok": {Failure: otlpcollector.Exhausted, RetryAfter: 50 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, protocol string, signal exporters.Signal) {
				collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
				collector.Set(behaviour)
				with := settings(collector, protocol, signal)
				with.OTLP.Timeout = 400 * time.Millisecond
				begin := time.Now()
				err := open(t, signal, with).export(t.Context(), 1)
				if took := time.Since(begin); took < 400*time.Millisecond || took > 5*time.Second {
					t.Errorf("the export took %v", took)
				}
				if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "export timeout of 400ms") || collector.Items(signal) != 0 {
					t.Errorf("%d items were delivered: %v", collector.Items(signal), err)
				}
			})
		})
	}
}

func TestSlowCollectorGetsTheExport(t *testing.T) {
	each(t, func(t *testing.T, protocol string, signal exporters.Signal) {
		collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
		collector.Set(otlpcollector.Behaviour{Delay: 500 * time.Millisecond})
		if err := open(t, signal, settings(collector, protocol, signal)).export(t.Context(), 1); err != nil || collector.Attempts(signal) != 1 {
			t.Errorf("%d attempts: %v", collector.Attempts(signal), err)
		}
	})
}

func TestLongErrorsAreCut(t *testing.T) {
	for name, length := range map[string]int{"ten thousand bytes": 10_000, "a million bytes": 1_000_000} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, protocol string, signal exporters.Signal) {
				collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
				collector.Set(otlpcollector.Behaviour{Failure: otlpcollector.Internal, Message: strings.Repeat("x\xff", length/2)})
				err := open(t, signal, settings(collector, protocol, signal)).export(t.Context(), 1)
				if err == nil || len(err.Error()) > 1500 {
					t.Errorf("the error of %d bytes is %.300v", len(fmt.Sprint(err)), err)
				}
				// A million bytes of header are not even read.
				if protocol == exporters.ProtocolGRPC && strings.Contains(fmt.Sprint(err), "x\ufffdx") != (length < 1_000_000) {
					t.Errorf("the error is %.300v", err)
				}
			})
		})
	}
}

func TestAnswerOverTheLimitIsAnError(t *testing.T) {
	each(t, func(t *testing.T, protocol string, signal exporters.Signal) {
		collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: protocol})
		collector.Set(otlpcollector.Behaviour{Reject: 1, Message: strings.Repeat("x", 100_000)})
		err := open(t, signal, settings(collector, protocol, signal)).export(t.Context(), 1)
		if err == nil || len(err.Error()) > 1500 || collector.Attempts(signal) != 1 {
			t.Errorf("%d attempts: %.300v", collector.Attempts(signal), err)
		}
	})
}
