package ratelimit_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tutorflow/observability/telemetry/internal/ratelimit"
)

// TestStormOfLongErrorsIsAFewShortLines has eight goroutines fail for a minute
// with what a collector may answer.
func TestStormOfLongErrorsIsAFewShortLines(t *testing.T) {
	const workers, each = 8, 10_000
	answer := errors.New("export traces to otlp: 500: " + strings.Repeat("{\"password\": \"hunter2\",\n\x1b[31m", 4<<20/28))
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var texts []string
		var told atomic.Int64
		e := ratelimit.New(func(err error, heldBack int64) {
			mu.Lock()
			defer mu.Unlock()
			texts = append(texts, err.Error())
			told.Add(1 + heldBack)
		})
		var all sync.WaitGroup
		for range workers {
			all.Go(func() {
				for range each / 100 {
					for range 100 {
						e.Handle(answer)
					}
					time.Sleep(time.Minute / (each / 100))
				}
			})
		}
		all.Wait()
		if len(texts) < 6 || len(texts) > 7 {
			t.Errorf("%d errors passed in a minute", len(texts))
		}
		for _, text := range texts {
			if len(text) > 1024 || strings.ContainsAny(text, "\n\x1b") || strings.Contains(text, "hunter2") {
				t.Errorf("%d bytes passed: %.300q", len(text), text)
			}
		}
		time.Sleep(ratelimit.Interval)
		e.Handle(answer)
		if got := told.Load(); got != workers*each+1 {
			t.Errorf("%d errors are told of, want %d", got, workers*each+1)
		}
	})
}

// TestErrorsOfWhatIsToldDoNotBlock has the log that an error goes to fail by
// itself.
func TestErrorsOfWhatIsToldDoNotBlock(t *testing.T) {
	var e *ratelimit.Errors
	depth := 0
	e = ratelimit.New(func(err error, _ int64) {
		depth++
		e.Handle(err)
		e.Handle(errors.New("write log: no space left on device"))
	})
	e.Handle(errors.New("export traces to otlp: refused"))
	if depth != 2 {
		t.Errorf("%d errors passed, want each of the two causes once", depth)
	}
}
