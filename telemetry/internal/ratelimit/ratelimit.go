package ratelimit

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tutorflow/observability/telemetry/zaplog"
)

// Interval is the time for which the errors of one cause are held back after
// one was passed on.
const Interval = 10 * time.Second

const (
	// maxCauses bounds the memory; what does not fit shares one cause.
	maxCauses = 100
	// shared is the cause of all errors that have none of their own.
	shared = ""
)

// Errors passes on at most one error of each cause in Interval. It is safe for
// concurrent use.
type Errors struct {
	pass func(err error, heldBack int64)

	mu     sync.Mutex
	causes map[string]*cause
}

type cause struct {
	passed   time.Time
	heldBack int64
}

// New makes a limiter that passes errors to pass, with the number of errors of
// their cause that were held back before. pass may be called by several
// goroutines at once.
func New(pass func(err error, heldBack int64)) *Errors {
	return &Errors{pass: pass, causes: map[string]*cause{shared: {}}}
}

// Handle takes one error. What it passes on is the error itself where that is
// harmless, and otherwise one with its text made so; see the package comment.
// The cause is its type and its text as causeOf has it.
func (e *Errors) Handle(err error) {
	if err == nil {
		return
	}
	text := textOf(err)
	heldBack, pass := e.admit(fmt.Sprintf("%T %s", err, causeOf(text)))
	if !pass {
		return
	}
	if clean := line(zaplog.Redact(text)); clean != text {
		err = errors.New(clean)
	}
	e.pass(err, heldBack)
}

// textOf survives an Error method that panics, as Sprint does, but makes no copy:
// in a storm most texts are long and not needed.
func textOf(err error) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprint(err)
		}
	}()
	return err.Error()
}

// admit reports whether an error of the cause called key is to be passed on,
// and with it how many were held back.
func (e *Errors) admit(key string) (heldBack int64, pass bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.causes[key]
	if c == nil {
		c = e.add(key)
	}
	if !c.passed.IsZero() && time.Since(c.passed) < Interval {
		c.heldBack++
		return 0, false
	}
	heldBack = c.heldBack
	c.passed, c.heldBack = time.Now(), 0
	return heldBack, true
}

// add makes the cause called key. When there is no room, causes that are past
// their interval make some, and leave what they held back to the shared one.
func (e *Errors) add(key string) *cause {
	if len(e.causes) >= maxCauses {
		for k, c := range e.causes {
			if k != shared && time.Since(c.passed) >= Interval {
				e.causes[shared].heldBack += c.heldBack
				delete(e.causes, k)
			}
		}
	}
	if len(e.causes) >= maxCauses {
		return e.causes[shared]
	}
	c := &cause{}
	e.causes[key] = c
	return c
}
