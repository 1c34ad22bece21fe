package catalog

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
)

// SourceTimeout is how long a source may take. A scrape has nine times as long.
const SourceTimeout = time.Second

var (
	errTooSlow = errors.New("it took too long, and is not waited for until it returns in time")
	errRunning = errors.New("it has not returned from an earlier reading")
	errNoTime  = errors.New("others have used up the time that a collection waits")
	errExited  = errors.New("it ended its goroutine")
)

// Source is something outside this package that is read in callbacks: a
// function of the program, which may fail, panic, be slow or never return. Only
// what it has to say is lost then, where the plain SDK would lose the whole
// export, the process, or every collection from then on.
type Source struct {
	meter    *Meter
	what     string
	failures *cell

	// busy is full while the source is being read.
	busy chan struct{}
	// late is set from a reading that was given up to one that was in time.
	late atomic.Bool
}

// Source makes a source whose failed readings are counted under label in
// tutorflow_telemetry_callback_failures_total, which starts at 0; what names it
// in the text of errors. Labels must be few; sources may share one.
func (m *Meter) Source(label, what string) *Source {
	return &Source{meter: m, what: what, failures: m.failures.cell(label), busy: make(chan struct{}, 1)}
}

// reading is what came of one.
type reading struct {
	observe func()
	err     error
}

// Read calls read in a goroutine of its own, and then what read returned, if
// that was in time. It belongs into a callback. Since read may be left behind,
// it must not touch the Observer, as what it returns may.
//
// A source that was late is read on without being waited for until it is in
// time again, and one that hangs is not called again: it costs one goroutine
// and one delay, whatever the number of collections. Two collections at once
// read it one after the other.
//
// The error, which was counted and told of already, holds no text of the source.
func (s *Source) Read(ctx context.Context, read func(context.Context) (observe func(), err error)) error {
	r := s.read(ctx, read)
	if r.err != nil {
		s.failures.value.Add(1)
		err := fmt.Errorf("read %s: %w", s.what, r.err)
		s.meter.tell(err)
		return err
	}
	r.observe()
	return nil
}

func (s *Source) read(collection context.Context, read func(context.Context) (func(), error)) reading {
	timeout := s.meter.time.share()
	if timeout <= 0 {
		return reading{err: errNoTime}
	}
	ctx, cancel := context.WithTimeout(collection, timeout)
	late := s.late.Load()
	if err := s.enter(ctx, late); err != nil {
		cancel()
		return reading{err: err}
	}
	done := make(chan reading, 1)
	go s.run(ctx, cancel, read, done)
	if late {
		return reading{err: errTooSlow}
	}
	select {
	case r := <-done:
		return r
	case <-ctx.Done():
	}
	select {
	case r := <-done: // and cancelled ctx
		return r
	default:
	}
	if err := collection.Err(); err != nil {
		return reading{err: err}
	}
	s.late.Store(true)
	return reading{err: errTooSlow}
}

// enter waits for another collection to be done with the source, but not for a
// source that is late.
func (s *Source) enter(ctx context.Context, late bool) error {
	select {
	case s.busy <- struct{}{}:
		return nil
	default:
	}
	if late {
		return errRunning
	}
	select {
	case s.busy <- struct{}{}:
		return nil
	case <-ctx.Done():
		return errRunning
	}
}

func (s *Source) run(ctx context.Context, cancel context.CancelFunc, read func(context.Context) (func(), error), done chan<- reading) {
	r, start := reading{err: errExited}, time.Now()
	defer func() {
		if v := recover(); v != nil {
			r.err = panicked(v)
		}
		if time.Since(start) < SourceTimeout {
			s.late.Store(false)
		}
		<-s.busy
		done <- r
		cancel()
	}()
	r.observe, r.err = read(ctx)
	if r.err != nil {
		r.err = fmt.Errorf("an error of type %T", r.err)
	}
}

// panicked makes a panic an error. Its value is shown only where the runtime
// made it: others may hold anything.
func panicked(v any) error {
	if err, ok := v.(runtime.Error); ok {
		return fmt.Errorf("panic: %w", err)
	}
	return fmt.Errorf("panic with a %T", v)
}
