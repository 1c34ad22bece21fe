package telemetry

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.uber.org/zap"
)

// Shutdown exports what is left, ends everything that was started and restores
// the globals. Metrics and spans are flushed side by side, the log last. The
// first call decides; later ones wait for it and return the same, or an error if
// it takes longer than they have.
//
// Each returns by the deadline of ctx or after the configured FlushTimeout,
// whichever is earlier, even where an exporter does not honour either, and then
// says what was abandoned. A cancellation does not cut it short, nor does a
// deadline that has passed already: the context at hand is often one that the
// end of the program has ended.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	flush, cancel := t.flushContext(ctx)
	defer cancel()
	if t.stopping.CompareAndSwap(false, true) {
		t.result = t.stopAll(flush)
		close(t.stopped)
		return t.result
	}
	select {
	case <-t.stopped:
		return t.result
	case <-flush.Done():
		return fmt.Errorf("wait for the shutdown that is going on: %w", flush.Err())
	}
}

// flushContext is how much time there is at the end.
func (t *Telemetry) flushContext(ctx context.Context) (flush context.Context, cancel context.CancelFunc) {
	limit := t.config.Shutdown.FlushTimeout
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) > 0 {
		limit = min(limit, time.Until(deadline))
	}
	return context.WithTimeout(context.WithoutCancel(ctx), limit)
}

func (t *Telemetry) stopAll(flush context.Context) error {
	// A part of the time is kept for the log, which tells what went wrong.
	deadline, _ := flush.Deadline()
	exports, cancel := context.WithTimeout(flush, time.Until(deadline)*9/10)
	defer cancel()

	// What still exports by then is ended, and has a moment to count its losses.
	defer context.AfterFunc(exports, func() {
		for _, abort := range t.aborts {
			abort()
		}
	})()
	moment := time.Until(deadline) / 20

	errs := make([]error, len(t.stops))
	var parts sync.WaitGroup
	for i, s := range t.stops {
		parts.Go(func() { errs[i] = s.run(exports, moment) })
	}
	parts.Wait()
	err := errors.Join(errs...)
	if err != nil && t.log != nil {
		// No scrape follows that could have the counts.
		t.log.LocalLogger().Warn("telemetry lost at the end", zap.Error(err))
	}

	t.restoreGlobals()
	if t.admin != nil {
		// It serves up to the end, so that probes and operators see it, but its
		// clients do not decide how much time is left for the log.
		serving, cancel := context.WithTimeout(flush, time.Until(deadline)/2)
		defer cancel()
		err = errors.Join(err, stop{"admin listener", t.admin.Shutdown}.run(serving, moment/2))
	}
	if t.switches != nil {
		t.switches.Close()
	}
	if t.log != nil {
		err = errors.Join(err, stop{"log", t.log.Shutdown}.run(flush, 10*time.Millisecond))
	}
	return err
}

// run stops a part, and leaves it behind when it does not stop within moment
// after the end of ctx.
func (s stop) run(ctx context.Context, moment time.Duration) error {
	done := make(chan error, 1)
	go func() { done <- contained(ctx, s.stop) }()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		select {
		case err = <-done: // it has the better answer
		case <-time.After(moment):
			err = fmt.Errorf("still running: %w", ctx.Err())
		}
	}
	if err == nil {
		return nil
	}
	// Unlike err.Error(), Sprint survives an Error method that panics.
	if prefix := "shut down " + s.name; !strings.HasPrefix(fmt.Sprint(err), prefix) {
		return fmt.Errorf("%s: %w", prefix, err)
	}
	return err
}

// contained has a part that panics, or whose error does, cost its own end only,
// not the process and with it the last exports of the others.
func contained(ctx context.Context, f func(context.Context) error) (err error) {
	defer recovered(&err)
	if err = f(ctx); errors.Is(err, metric.ErrReaderShutdown) {
		return nil
	}
	return err
}
