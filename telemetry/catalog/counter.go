package catalog

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
)

// Counter counts one kind of event. A nil *Counter, as a refused definition
// leaves it, counts nothing.
type Counter struct {
	cell    *cell
	invalid *cell
}

// NewCounter makes the counter called name, which ends in _total; it starts at
// 0. It refuses a name that is taken or that Prometheus would show otherwise.
func NewCounter(m *Meter, name, description string) (*Counter, error) {
	d := Definition{Name: name, Kind: KindCounter, Unit: unitOf(name), Description: description}
	if err := m.custom(d); err != nil {
		return nil, err
	}
	return m.counter(d)
}

func (m *Meter) counter(d Definition) (*Counter, error) {
	s := &series{}
	c := &Counter{cell: s.add(), invalid: m.invalid}
	if err := m.observe(d, s.collect); err != nil {
		return nil, err
	}
	return c, nil
}

// Add counts one event.
func (c *Counter) Add(context.Context) {
	if c != nil {
		c.cell.value.Add(1)
	}
}

// AddN counts n events. A negative n is dropped and counted as such: a counter
// that falls reads as a restart.
func (c *Counter) AddN(_ context.Context, n int64) {
	if c != nil {
		addN(c.cell, n, c.invalid)
	}
}

// addN adds n to to, unless it is negative.
func addN(to *cell, n int64, invalid *cell) {
	if n < 0 {
		to, n = invalid, 1
	}
	to.value.Add(n)
}

// CounterBy counts events by one label. A nil *CounterBy counts nothing.
type CounterBy[A ~int] struct {
	cells    []*cell
	overflow *overflow
	invalid  *cell
}

// NewCounterBy makes the counter called name, which ends in _total, with one
// series for each value of label; all start at 0.
func NewCounterBy[A ~int](m *Meter, name, description string, label EnumLabel[A]) (*CounterBy[A], error) {
	d := Definition{name, KindCounter, unitOf(name), description, []Label{label.label()}, nil}
	if err := m.custom(d); err != nil {
		return nil, err
	}
	return counterBy(m, d, label)
}

func counterBy[A ~int](m *Meter, d Definition, label EnumLabel[A]) (*CounterBy[A], error) {
	s := &series{}
	c := &CounterBy[A]{invalid: m.invalid}
	for _, v := range label.values {
		c.cells = append(c.cells, s.add(attribute.String(label.name, v)))
	}
	if err := m.observe(d, s.collect); err != nil {
		return nil, err
	}
	c.overflow = m.undeclared(d.Name)
	return c, nil
}

// Add counts one event with the label value a.
func (c *CounterBy[A]) Add(_ context.Context, a A) {
	if c == nil {
		return
	}
	if uint(a) >= uint(len(c.cells)) {
		c.overflow.count()
		return
	}
	c.cells[a].value.Add(1)
}

// AddN counts n events with the label value a. A negative n is dropped and
// counted as such.
func (c *CounterBy[A]) AddN(_ context.Context, n int64, a A) {
	if c == nil {
		return
	}
	if uint(a) >= uint(len(c.cells)) {
		c.overflow.count()
		return
	}
	addN(c.cells[a], n, c.invalid)
}

// CounterBy2 counts events by two labels. A nil *CounterBy2 counts nothing.
type CounterBy2[A, B ~int] struct {
	rows     [][]*cell
	overflow *overflow
	invalid  *cell
}

// NewCounterBy2 makes the counter called name, which ends in _total, with one
// series for each pair of values of the two labels; all start at 0.
func NewCounterBy2[A, B ~int](m *Meter, name, description string, a EnumLabel[A], b EnumLabel[B]) (*CounterBy2[A, B], error) {
	d := Definition{name, KindCounter, unitOf(name), description, []Label{a.label(), b.label()}, nil}
	if err := m.custom(d); err != nil {
		return nil, err
	}
	return counterBy2(m, d, a, b)
}

func counterBy2[A, B ~int](m *Meter, d Definition, a EnumLabel[A], b EnumLabel[B]) (*CounterBy2[A, B], error) {
	s := &series{}
	c := &CounterBy2[A, B]{invalid: m.invalid}
	for _, av := range a.values {
		var row []*cell
		for _, bv := range b.values {
			row = append(row, s.add(attribute.String(a.name, av), attribute.String(b.name, bv)))
		}
		c.rows = append(c.rows, row)
	}
	if err := m.observe(d, s.collect); err != nil {
		return nil, err
	}
	c.overflow = m.undeclared(d.Name)
	return c, nil
}

// Add counts one event with the label values a and b.
func (c *CounterBy2[A, B]) Add(ctx context.Context, a A, b B) { c.AddN(ctx, 1, a, b) }

// AddN counts n events with the label values a and b. A negative n is dropped
// and counted as such.
func (c *CounterBy2[A, B]) AddN(_ context.Context, n int64, a A, b B) {
	if c == nil {
		return
	}
	if uint(a) >= uint(len(c.rows)) || uint(b) >= uint(len(c.rows[a])) {
		c.overflow.count()
		return
	}
	addN(c.rows[a][b], n, c.invalid)
}
