package zaplog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/tutorflow/observability/internal/stdio"
)

// The queue's bounds. At 400 bytes a line the lines bound is reached first,
// with 3.3 MB; the bytes bound is for long lines. Both count what is being
// written as well.
const (
	queueLines = 8192
	queueBytes = 8 << 20
	// chunkBytes is the most that one write call carries, the capacity of a
	// pipe on Linux. A longer line travels alone.
	chunkBytes = 64 << 10
	// linger is how long the first line of an idle queue waits for company: a
	// tenth of the write calls at a few thousand lines a second.
	linger = 500 * time.Microsecond
	// flushTimeout bounds the flushes that have no context: Sync and those
	// after an entry that may end the process.
	flushTimeout = time.Second
	// reportEvery is the least time between two reports on stderr.
	reportEvery = 10 * time.Second
)

const newline = "\n"

type dropReason int

const (
	dropQueueFull dropReason = iota
	dropWriteError
	dropClosed
	dropRateLimited
	dropReasons
)

func (r dropReason) String() string {
	return [...]string{"queue_full", "write_error", "closed", "rate_limited"}[r]
}

// queue collects lines in chunks and writes them from one goroutine, run.
type queue struct {
	w        io.Writer
	dropped  [dropReasons]atomic.Int64
	wake     chan struct{} // run has something to do
	done     chan struct{} // run has ended
	reported time.Time     // of run alone
	torn     bool          // of run alone: the last line written lacks its end

	mu       sync.Mutex
	chunks   [][]byte // oldest first; lines are added to the last
	spare    [][]byte
	lines    int           // queued or being written
	bytes    int           // of these lines
	added    uint64        // lines ever accepted
	settled  uint64        // of these, written or dropped
	progress chan struct{} // closed by the next release, if somebody waits
	idle     bool          // run waits for wake
	closed   bool
	err      error // of the last write
}

func newQueue(w io.Writer) *queue {
	return &queue{w: w, wake: make(chan struct{}, 1), done: make(chan struct{})}
}

// add queues a copy of line. The last eighth of the queue is for urgent lines,
// so that a flood of ordinary ones cannot push out the errors it causes.
func (q *queue) add(line []byte, urgent bool) {
	maxLines, maxBytes := queueLines, queueBytes
	if !urgent {
		maxLines, maxBytes = queueLines/8*7, queueBytes/8*7
	}
	q.mu.Lock()
	if q.closed || q.lines >= maxLines || q.bytes+len(line) > maxBytes {
		reason := dropQueueFull
		if q.closed {
			reason = dropClosed
		}
		q.mu.Unlock()
		q.dropped[reason].Add(1)
		return
	}
	last := len(q.chunks) - 1
	if last < 0 || len(q.chunks[last])+len(line) > cap(q.chunks[last]) {
		q.chunks = append(q.chunks, q.chunk(len(line)))
		last++
	}
	q.chunks[last] = append(q.chunks[last], line...)
	q.lines++
	q.bytes += len(line)
	q.added++
	wake := q.idle
	q.idle = false
	q.mu.Unlock()
	if wake {
		q.wake <- struct{}{}
	}
}

func (q *queue) chunk(size int) []byte {
	if n := len(q.spare); n > 0 && size <= chunkBytes {
		c := q.spare[n-1]
		q.spare = q.spare[:n-1]
		return c
	}
	return make([]byte, 0, max(size, chunkBytes))
}

// run writes chunks until the queue is closed and empty.
func (q *queue) run() {
	defer close(q.done)
	for {
		chunk, ok := q.take()
		if !ok {
			break
		}
		q.write(chunk)
		q.settle(chunk)
	}
	err := q.end()
	q.mu.Lock()
	q.err = errors.Join(q.err, err)
	q.mu.Unlock()
}

func (q *queue) take() (chunk []byte, ok bool) {
	for {
		q.mu.Lock()
		if len(q.chunks) > 0 {
			chunk = q.chunks[0]
			q.chunks = slices.Delete(q.chunks, 0, 1)
			q.mu.Unlock()
			return chunk, true
		}
		if q.closed {
			q.mu.Unlock()
			return nil, false
		}
		q.idle = true
		q.mu.Unlock()
		<-q.wake
		time.Sleep(linger)
	}
}

// write counts the lines of chunk that the writer did not take.
func (q *queue) write(chunk []byte) {
	if q.torn { // end the broken line, lest it spoil the next
		if _, err := q.call([]byte(newline)); err != nil {
			q.fail(err, chunk)
			return
		}
		q.torn = false
	}
	n, err := q.call(chunk)
	if err != nil {
		q.torn = q.torn || n > 0 && chunk[n-1] != '\n'
		q.fail(err, chunk[n:])
		return
	}
	q.mu.Lock()
	q.err = nil
	q.mu.Unlock()
}

// call keeps the promises of io.Writer where q.w does not.
func (q *queue) call(p []byte) (n int, err error) {
	defer func() {
		if r := recover(); r != nil {
			n, err = 0, fmt.Errorf("writer panicked: %v", r)
		}
	}()
	n, err = q.w.Write(p)
	n = min(max(n, 0), len(p))
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	return n, err
}

func (q *queue) fail(err error, rest []byte) {
	err = fmt.Errorf("write log lines: %w", err)
	q.mu.Lock()
	q.err = err
	q.mu.Unlock()
	lost := q.dropped[dropWriteError].Add(int64(bytes.Count(rest, []byte(newline))))
	if now := time.Now(); q.reported.IsZero() || now.Sub(q.reported) >= reportEvery {
		q.reported = now
		report(fmt.Sprintf("tutorflow: %v (%d lines lost so far)\n", err, lost))
	}
}

// report writes to a duplicate of stderr, which a closed pipe cannot turn into
// the end of the process.
func report(text string) {
	_, _ = io.WriteString(stdio.Writer{File: os.Stderr}, text)
}

func (q *queue) settle(chunk []byte) {
	lines := bytes.Count(chunk, []byte(newline))
	q.mu.Lock()
	defer q.mu.Unlock()
	q.release(lines, len(chunk))
	if cap(chunk) == chunkBytes && len(q.spare) < 4 {
		q.spare = append(q.spare, chunk[:0])
	}
}

// release must run under q.mu.
func (q *queue) release(lines, size int) {
	q.lines -= lines
	q.bytes -= size
	q.settled += uint64(lines)
	if q.progress != nil {
		close(q.progress)
		q.progress = nil
	}
}

func (q *queue) flush(ctx context.Context) error {
	q.mu.Lock()
	target := q.added
	for q.settled < target {
		if q.progress == nil {
			q.progress = make(chan struct{})
		}
		progress := q.progress
		q.mu.Unlock()
		select {
		case <-progress:
		case <-ctx.Done():
			return fmt.Errorf("flush log lines: %w", context.Cause(ctx))
		}
		q.mu.Lock()
	}
	defer q.mu.Unlock()
	return q.err
}

func (q *queue) flushBriefly() error {
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	return q.flush(ctx)
}

func (q *queue) close(ctx context.Context) error {
	q.mu.Lock()
	q.closed = true
	wake := q.idle
	q.idle = false
	q.mu.Unlock()
	if wake {
		q.wake <- struct{}{}
	}
	select {
	case <-q.done:
		return q.err
	case <-ctx.Done():
	}
	q.mu.Lock()
	left := q.lines
	for _, chunk := range q.chunks {
		lines := bytes.Count(chunk, []byte(newline))
		q.dropped[dropClosed].Add(int64(lines))
		q.release(lines, len(chunk))
	}
	q.chunks = nil
	q.mu.Unlock()
	// Sockets and pipes in non-blocking mode give up a write when told so.
	if d, ok := q.w.(interface{ SetWriteDeadline(time.Time) error }); ok {
		_ = d.SetWriteDeadline(time.Unix(1, 0))
	}
	return fmt.Errorf("write the last %d log lines: %w", left, context.Cause(ctx))
}

// end syncs and closes the writer.
func (q *queue) end() (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("close log writer: it panicked: %v", r)
		}
	}()
	var errs []error
	if s, ok := q.w.(interface{ Sync() error }); ok {
		// Pipes and terminals answer EINVAL or, on macOS, ENOTTY; a standard
		// stream that the parent closed answers EBADF.
		err := s.Sync()
		if err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTTY) && !errors.Is(err, syscall.EBADF) {
			errs = append(errs, fmt.Errorf("sync log writer: %w", err))
		}
	}
	if c, ok := q.w.(io.Closer); ok && q.w != io.Writer(os.Stdout) && q.w != io.Writer(os.Stderr) {
		if err := c.Close(); err != nil {
			errs = append(errs, fmt.Errorf("close log writer: %w", err))
		}
	}
	return errors.Join(errs...)
}
