package zaplog

import (
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"
)

// The bounds of access lines about requests that were refused (4xx), for each
// route. They are meant never to be felt by honest clients: a route would need
// 2000 requests a second of which each twentieth is refused. A flood costs 40 kB
// of lines a second and no more, where it would cost 8 MB at 20 000 requests a
// second. The burst keeps the beginning, and is an eighth of the queue.
const (
	refusedRate  = 100
	refusedBurst = 1000
	// refusedRoutes bounds the memory; the routes beyond share the last bucket.
	refusedRoutes = 1024
	otherRoutes   = "other"
	// summaryEvery is the time between two summaries of what was left out.
	summaryEvery = 10 * time.Second
)

// volume bounds the access lines that strangers can provoke. Its methods are
// safe for concurrent use.
type volume struct {
	logger *zap.Logger // of the summaries

	// summing is held while summaries are written, so that close waits for them.
	summing sync.Mutex

	mu      sync.Mutex
	buckets map[string]*bucket
	timer   *time.Timer // nil until a line is left out
	waiting bool        // for the timer
	closed  bool
}

// A bucket holds a token for each line that may be written at once.
type bucket struct {
	full    time.Time // when it will be full again
	leftOut int64     // since the last summary
}

func newVolume(logger *zap.Logger) *volume {
	return &volume{logger: logger, buckets: make(map[string]*bucket)}
}

// admit reports whether a line about a refused request to route may be written.
func (v *volume) admit(route string, now time.Time) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	b := v.bucket(route)
	if b.take(now) {
		return true
	}
	b.leftOut++
	if !v.waiting && !v.closed {
		v.waiting = true
		if v.timer == nil {
			v.timer = time.AfterFunc(summaryEvery, v.summarise)
		} else {
			v.timer.Reset(summaryEvery)
		}
	}
	return false
}

func (b *bucket) take(now time.Time) bool {
	full := b.full
	if full.Before(now) {
		full = now
	}
	full = full.Add(time.Second / refusedRate)
	if full.Sub(now) > refusedBurst*time.Second/refusedRate {
		return false
	}
	b.full = full
	return true
}

func (v *volume) bucket(route string) *bucket {
	route = cut(route, maxRoute)
	b := v.buckets[route]
	if b == nil && len(v.buckets) >= refusedRoutes-1 {
		route = otherRoutes
		b = v.buckets[route]
	}
	if b == nil {
		b = &bucket{}
		v.buckets[strings.Clone(route)] = b
	}
	return b
}

// summarise writes a line for each route of which lines were left out.
func (v *volume) summarise() {
	v.summing.Lock()
	defer v.summing.Unlock()
	v.mu.Lock()
	v.waiting = false
	leftOut := make(map[string]int64)
	for route, b := range v.buckets {
		if b.leftOut > 0 {
			leftOut[route], b.leftOut = b.leftOut, 0
		}
	}
	v.mu.Unlock()
	for route, lines := range leftOut {
		v.logger.Info("HTTP requests not logged", zap.String("http_route", route), zap.String("http_status_class", "4xx"), zap.Int64("lines_dropped", lines))
	}
}

// close writes the last summaries.
func (v *volume) close() {
	v.mu.Lock()
	v.closed = true
	if v.timer != nil {
		v.timer.Stop()
	}
	v.mu.Unlock()
	v.summarise()
}
