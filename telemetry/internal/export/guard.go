package export

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// grace is how long a call may take to return after its context has ended,
// before it is left behind.
const grace = 20 * time.Millisecond

// Limits bound what an exporter may cost.
type Limits struct {
	// Timeout bounds one export.
	Timeout time.Duration
	// QueueSize is how many items may wait; more are dropped.
	QueueSize int
	// BatchSize is how many items one export holds at the most.
	BatchSize int
	// Delay is how long an item waits at the most before it is exported.
	Delay time.Duration
	// TextSize is how long the texts of an item are at the most, in bytes; the
	// rest is cut off.
	TextSize int
}

// guard makes the calls of one exporter.
type guard struct {
	report  *Report
	timeout time.Duration
	// busy is full while the exporter exports.
	busy chan struct{}
	// life ends with Abort.
	life  context.Context
	abort context.CancelFunc
	// lost counts the items of exports that failed.
	lost atomic.Int64

	closing sync.Once
	closed  chan struct{}
}

func newGuard(report *Report, timeout time.Duration) *guard {
	g := &guard{report: report, timeout: timeout, busy: make(chan struct{}, 1), closed: make(chan struct{})}
	g.life, g.abort = context.WithCancel(context.Background())
	return g
}

// Abort ends the export in flight, and has later ones fail at once: their items
// count as lost in the shutdown.
func (g *guard) Abort() { g.abort() }

// export has f export a number of items and counts what becomes of them. What f
// reads must be its own: it is left behind when it does not return in time. No
// context but that of the guard ends it, so it is known why it ended.
func (g *guard) export(items int, f func(context.Context) error) {
	if g.life.Err() != nil {
		g.drop(shutdown, items)
		return
	}
	ctx, cancel := context.WithTimeout(g.life, g.timeout)
	defer cancel()
	var err error
	select {
	case g.busy <- struct{}{}:
		err = bounded(ctx, grace, func(ctx context.Context) error {
			defer func() { <-g.busy }()
			return f(ctx)
		})
	case <-ctx.Done():
		err = errors.New("the export before is still running")
	}
	if err == nil {
		g.report.Exported(nil)
		return
	}
	g.report.Exported(fmt.Errorf("export %s to %s: %w", g.report.signal, g.report.exporter, err))
	if g.life.Err() != nil {
		g.drop(shutdown, items)
	} else {
		g.drop(exportFailed, items)
	}
}

// lose counts items that are too large for any export, and tells of them.
func (g *guard) lose(items int) {
	if items == 0 {
		return
	}
	g.report.failed(fmt.Errorf("export %s to %s: %d items of more than %d bytes left out", g.report.signal, g.report.exporter, items, maxExport))
	g.drop(tooLarge, items)
}

// close shuts the exporter down with f. Abort comes with the end of ctx, so it is
// not asked: which of the two was first would decide what the error says.
func (g *guard) close(ctx context.Context, f func(context.Context) error) error {
	defer g.closing.Do(func() { close(g.closed) })
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	return bounded(ctx, grace, f)
}

// bound gives a call its timeout, and ends it with Abort.
func (g *guard) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	stop := context.AfterFunc(g.life, cancel)
	return ctx, func() { stop(); cancel() }
}

func (g *guard) drop(why reason, items int) {
	g.report.dropped(why, items)
	g.lost.Add(int64(items))
}

// lostSince says as an error how much was lost since lost was before.
func (g *guard) lostSince(before int64, unit string) error {
	if n := g.lost.Load() - before; n > 0 {
		return fmt.Errorf("%d %s abandoned", n, unit)
	}
	return nil
}

// bounded calls f. When f does not return within grace after the end of ctx, it
// is left behind.
func bounded(ctx context.Context, grace time.Duration, f func(context.Context) error) error {
	done := make(chan error, 1)
	go func() { done <- recovered(func() error { return f(ctx) }) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(grace):
		return fmt.Errorf("still running: %w", ctx.Err())
	}
}

// recovered makes a panic of f an error. Its value is shown only where the
// runtime made it: others may hold anything.
func recovered(f func() error) (err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case runtime.Error:
			err = fmt.Errorf("panic: %w", v)
		default:
			err = fmt.Errorf("panic with a %T", v)
		}
	}()
	return f()
}
