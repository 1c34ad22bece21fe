package health

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// returnGrace is how long after its timeout a check may take to return before it is
// hung. It separates a check that honours its context from one that does not.
const returnGrace = 500 * time.Millisecond

// result is what probes read. It is never changed once it is published.
type result struct {
	status  Status
	reason  Reason
	latency time.Duration
	at      time.Time // carries the monotonic clock, and is used for ages only
}

// outcome is what one run says, before thresholds.
type outcome struct {
	status Status
	reason Reason
	err    string
	stack  string
}

// runner runs one check on its schedule. The schedule's goroutine owns all fields but the
// atomics, which any goroutine may read.
type runner struct {
	check  Check
	logger func() *slog.Logger
	group  *sync.WaitGroup

	last    atomic.Pointer[result]
	passed  atomic.Bool // a run was once healthy or degraded
	running atomic.Bool // the check's function has not returned
	logging atomic.Bool // a log line is being written

	shown hysteresis
}

// schedule runs the check now and then at every interval, until the context ends.
func (r *runner) schedule(ctx context.Context) {
	ticker := time.NewTicker(r.check.Interval)
	defer ticker.Stop()
	for {
		r.run(ctx, ticker.C)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// run runs the check once. It returns when the check's function has returned, which is
// what keeps a hung check at one goroutine, or when the context has ended.
func (r *runner) run(ctx context.Context, tick <-chan time.Time) {
	start := time.Now()
	runCtx, cancel := context.WithTimeout(ctx, r.check.Timeout)
	defer cancel()

	done := make(chan outcome, 1)
	r.running.Store(true)
	r.group.Go(func() { r.call(runCtx, done) })

	overdue := time.NewTimer(r.check.Timeout + returnGrace)
	defer overdue.Stop()
	hung := false
	for {
		select {
		case <-ctx.Done():
			return
		case o := <-done:
			// A run that ended because of the shutdown says nothing about the dependency, and the
			// late answer of a hung run says nothing about now.
			if ctx.Err() == nil && !hung {
				r.record(o, time.Since(start))
			}
			return
		case <-overdue.C:
			hung = true
			r.record(hungOutcome(), time.Since(start))
		case <-tick:
			if hung {
				r.record(hungOutcome(), time.Since(start))
			}
		}
	}
}

func hungOutcome() outcome {
	return outcome{status: StatusUnhealthy, reason: ReasonHung, err: "the check has not returned after its timeout"}
}

// call runs the check's function and sends exactly one outcome, even when the function
// panics or ends its goroutine. Errors become text here, where a panicking Error method
// is recovered as well.
func (r *runner) call(ctx context.Context, done chan<- outcome) {
	o := outcome{status: StatusUnhealthy, reason: ReasonPanic, err: "the check ended its goroutine"}
	defer func() {
		if p := recover(); p != nil {
			o.err = panicText(p)
			o.stack = string(debug.Stack())
		}
		r.running.Store(false)
		done <- o
	}()
	err := r.check.Run(ctx)
	status, reason := judge(ctx, err)
	text := ""
	if err != nil {
		text = fmt.Sprint(err)
	} else if reason == ReasonTimeout {
		text = "the check succeeded, but after its timeout"
	}
	o = outcome{status: status, reason: reason, err: text}
}

// panicText shows the value of a panic only where the runtime made it: others may
// hold anything, secrets included.
func panicText(value any) string {
	if fault, ok := value.(runtime.Error); ok {
		return "panic: " + fault.Error()
	}
	return fmt.Sprintf("panic with a %T", value)
}

// record applies the thresholds, publishes the result and logs a change.
func (r *runner) record(o outcome, latency time.Duration) {
	before := r.shown.status
	changed := r.shown.observe(o)
	if o.status != StatusUnhealthy {
		r.passed.Store(true)
	}
	r.last.Store(&result{status: r.shown.status, reason: r.shown.reason, latency: latency, at: time.Now()})
	if changed {
		r.logChange(before, o)
	}
}

// logChange writes one line. It has a goroutine of its own, at most one for each check, so
// that a blocked log does not stop the schedule; a change during that time is not logged.
// Nor does a log that panics end the process.
func (r *runner) logChange(before Status, o outcome) {
	if !r.logging.CompareAndSwap(false, true) {
		return
	}
	attrs := []slog.Attr{slog.String("check", r.check.Name), slog.String("status", string(o.status))}
	if before != "" {
		attrs = append(attrs, slog.String("previous_status", string(before)))
	}
	level := slog.LevelInfo
	if o.status != StatusHealthy {
		level = slog.LevelWarn
		if o.status == StatusUnhealthy && !r.check.NonCritical {
			level = slog.LevelError
		}
		attrs = append(attrs, slog.String("reason", string(o.reason)), slog.String("error", o.err))
	}
	if o.stack != "" {
		attrs = append(attrs, slog.String("stack", o.stack))
	}
	r.group.Go(func() {
		defer func() {
			_ = recover() // The log is what could tell of it.
			r.logging.Store(false)
		}()
		r.logger().LogAttrs(context.Background(), level, "health check changed", attrs...)
	})
}

// current is the last result, made stale when there is none or it is too old. It takes no
// lock and does not wait.
func (r *runner) current() result {
	last := r.last.Load()
	if last == nil {
		return result{status: StatusUnhealthy, reason: ReasonStale}
	}
	if time.Since(last.at) > r.check.MaxAge {
		stale := *last
		stale.status, stale.reason = StatusUnhealthy, ReasonStale
		return stale
	}
	return *last
}
