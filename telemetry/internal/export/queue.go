package export

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// ended is the number of waiting items of a queue that has ended.
const ended = math.MinInt64

// processor is what the SDK's two batch processors have in common.
type processor interface {
	ForceFlush(context.Context) error
	Shutdown(context.Context) error
}

// queue is the gate in front of a batch processor of the SDK, which drops in
// silence: it lets in what the processor has room for, and counts the rest.
type queue struct {
	*guard
	batch processor
	unit  string
	size  int64
	// waiting are the items that were let in and not yet taken by an export.
	waiting  atomic.Int64
	stopping atomic.Bool
	// flushing is full while the processor flushes.
	flushing chan struct{}

	once sync.Once
	err  error
}

func newQueue(unit string, limits Limits, report *Report) *queue {
	return &queue{guard: newGuard(report, limits.Timeout), unit: unit, size: int64(limits.QueueSize), flushing: make(chan struct{}, 1)}
}

// admit reports whether one item may be given to the processor.
func (q *queue) admit() bool {
	for {
		n := q.waiting.Load()
		switch {
		case n == ended || q.stopping.Load():
			q.drop(shutdown, 1)
			return false
		case n >= q.size:
			q.report.dropped(queueFull, 1)
			return false
		case q.waiting.CompareAndSwap(n, n+1):
			return true
		}
	}
}

// take reports whether n items may be exported. After the end they may not: they
// were counted.
func (q *queue) take(n int) bool {
	for {
		before := q.waiting.Load()
		if before == ended {
			return false
		}
		if q.waiting.CompareAndSwap(before, before-int64(n)) {
			return true
		}
	}
}

// ForceFlush exports what was produced before the call, and says how much of it
// was lost. When ctx ends first, the exports go on.
//
// The processor does not learn of ctx: it would lose a part of the batch without
// a word. It flushes for one caller at a time, since each takes a place in the
// queue.
func (q *queue) ForceFlush(ctx context.Context) error {
	if q.stopping.Load() {
		return nil
	}
	select {
	case q.flushing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	before := q.lost.Load()
	done := make(chan error, 1)
	go func() {
		defer func() { <-q.flushing }()
		done <- q.batch.ForceFlush(q.life)
	}()
	select {
	case err := <-done:
		return errors.Join(err, q.lostSince(before, q.unit))
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Shutdown exports what is waiting and shuts the exporter down. What is left by
// the deadline of ctx is counted, and the error says how much that is. The first
// call decides; later ones wait for it and return the same.
func (q *queue) Shutdown(ctx context.Context) error {
	q.once.Do(func() { q.err = q.shutdown(ctx) })
	return q.err
}

func (q *queue) shutdown(ctx context.Context) error {
	before := q.lost.Load()
	q.stopping.Store(true)
	defer context.AfterFunc(ctx, q.Abort)()
	err := q.batch.Shutdown(ctx)
	if ctx.Err() != nil {
		// The processor goes on in the background; Abort has made that short.
		select {
		case <-q.closed:
		case <-time.After(3 * grace):
		}
	}
	q.drop(shutdown, int(q.waiting.Swap(ended)))
	return errors.Join(err, q.lostSince(before, q.unit))
}
