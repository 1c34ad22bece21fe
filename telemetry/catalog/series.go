package catalog

import (
	"context"
	"math"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// cell is one series of a counter: recording adds to it, collecting reads it.
type cell struct {
	value   atomic.Int64
	observe []metric.ObserveOption
}

// series are the cells of one instrument. They are added while the program
// declares what it has and never removed.
type series struct {
	mu    sync.Mutex
	cells []*cell
}

// add makes the cell of one set of label values.
func (s *series) add(attributes ...attribute.KeyValue) *cell {
	c := &cell{observe: observeOptions(attributes)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cells = append(s.cells, c)
	return c
}

func (s *series) collect(_ context.Context, observer metric.Int64Observer) error {
	s.mu.Lock()
	cells := s.cells
	s.mu.Unlock()
	for _, c := range cells {
		// A counter that has passed the largest int64 starts at 0 again, which
		// reads as a restart; a negative one would read as nonsense.
		observer.Observe(c.value.Load()&math.MaxInt64, c.observe...)
	}
	return nil
}

// observeOptions is what a callback passes for one series; made once, since
// building a set costs more than all else a collection does for it.
func observeOptions(attributes []attribute.KeyValue) []metric.ObserveOption {
	return []metric.ObserveOption{metric.WithAttributeSet(attribute.NewSet(attributes...))}
}
