// Package ratelimit passes on the first of many like errors.
package ratelimit

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// Interval is the time for which the errors of one cause are held back after
// one was passed on.
const Interval = 10 * time.Second

// maxCauses bounds the memory; beyond it errors share one cause.
const maxCauses = 100

// maxText is the longest text passed on, in bytes.
const maxText = 1024

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

// New makes a limiter that passes errors to pass, which must not call back.
func New(pass func(err error, heldBack int64)) *Errors {
	return &Errors{pass: pass, causes: make(map[string]*cause)}
}

// Handle takes one error. Its cause is the beginning of its text, since what
// differs between errors of one cause (ids, ports, attempts) mostly comes late.
func (e *Errors) Handle(err error) {
	if err == nil {
		return
	}
	text := err.Error()
	if len(text) > maxText {
		text = text[:maxText] + "…"
		err = errors.New(text)
	}
	key := fmt.Sprintf("%T %.40s", err, text)

	e.mu.Lock()
	c := e.causes[key]
	if c == nil {
		if len(e.causes) >= maxCauses {
			key = ""
		}
		if c = e.causes[key]; c == nil {
			c = &cause{}
			e.causes[key] = c
		}
	}
	if !c.passed.IsZero() && time.Since(c.passed) < Interval {
		c.heldBack++
		e.mu.Unlock()
		return
	}
	heldBack := c.heldBack
	c.passed, c.heldBack = time.Now(), 0
	e.mu.Unlock()
	e.pass(err, heldBack)
}
