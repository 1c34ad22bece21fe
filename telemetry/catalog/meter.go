package catalog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// MaxSeries is how many series one instrument may have. The SDK's own limit is
// set just above it, so that its overflow series, which loses every label and
// lasts until the restart, is never reached.
const MaxSeries = 20_000

// Meter makes the instruments of one telemetry pipeline and sees to it that
// each name is used once. It is safe for concurrent use.
type Meter struct {
	otel      metric.Meter
	time      budget
	failures  *vector
	overflows *vector
	dropped   *vector
	// invalid counts values that no instrument may hold.
	invalid *cell

	mu sync.Mutex
	// names holds the name of each metric by its family.
	names      map[string]string
	histograms []*histogram
	handle     func(error)
}

// NewMeter makes a Meter on top of meter. A pipeline has one, and it comes before
// other instruments: OpenTelemetry gives a second one the same instruments but
// does not ask it for their values.
func NewMeter(meter metric.Meter) (*Meter, error) {
	if meter == nil {
		return nil, errors.New("make meter: meter <nil>: an OpenTelemetry meter is needed")
	}
	m := &Meter{otel: meter, names: make(map[string]string)}
	var errs [3]error
	// OpenTelemetry calls callbacks in the order in which they were made.
	d, _ := Lookup(TelemetryCallbackFailures)
	m.failures = newVector(d)
	errs[0] = m.observable(d, func(ctx context.Context, o metric.Int64Observer) error {
		m.time.begin()
		return m.failures.collect(ctx, o)
	})
	m.overflows, errs[1] = m.vector(TelemetryLabelOverflow)
	m.dropped, errs[2] = m.vector(TelemetryDropped)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	m.invalid = m.dropped.cell("sdk", "metrics", "invalid_value")
	return m, nil
}

// claim takes the name of d for one instrument, unless something is wrong with
// d or there are other problems.
func (m *Meter) claim(d Definition, problems ...error) error {
	problems = append(problems, d.problems()...)
	m.mu.Lock()
	defer m.mu.Unlock()
	if by, taken := m.names[family(d.Name)]; taken {
		problems = append(problems, fmt.Errorf("name: taken by %q, each metric is made once", by))
	}
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("define metric %.140q: %w", d.Name, err)
	}
	m.names[family(d.Name)] = d.Name
	return nil
}

// custom claims the name of a metric that is not in the catalogue.
func (m *Meter) custom(d Definition) error {
	if m == nil {
		return fmt.Errorf("define metric %.140q: meter <nil>: a Meter is needed", d.Name)
	}
	var problems []error
	if slices.ContainsFunc(All(), func(c Definition) bool { return family(c.Name) == family(d.Name) }) {
		problems = append(problems, errors.New("name: belongs to the catalogue"))
	}
	total := 1
	for _, l := range d.Labels {
		total *= len(l.Values)
	}
	if total < 1 || total > MaxSeries {
		problems = append(problems, fmt.Errorf("labels: %d series, allowed are 1 to %d", total, MaxSeries))
	}
	return m.claim(d, problems...)
}

// made passes on what OpenTelemetry said when d was made. If it refused d, the
// name is free again.
func (m *Meter) made(d Definition, err error) error {
	if err == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.names, family(d.Name))
	return fmt.Errorf("define metric %q: %w", d.Name, err)
}

// family is what OpenMetrics calls the metric: its counters have the ending on
// the series alone, so that x and x_total would be one family of two types.
func family(name string) string { return strings.TrimSuffix(name, "_total") }

// Has reports whether m has a metric that OpenMetrics shows in the family of the
// metric called name.
func (m *Meter) Has(name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.names[family(name)] != ""
}

// observable makes an instrument of the catalogue that collect reads.
func (m *Meter) observable(d Definition, collect metric.Int64Callback) error {
	if err := m.claim(d); err != nil {
		return err
	}
	return m.observe(d, collect)
}

func (m *Meter) observe(d Definition, collect metric.Int64Callback) (err error) {
	switch d.Kind {
	case KindCounter:
		_, err = m.otel.Int64ObservableCounter(d.Name, metric.WithUnit(d.Unit),
			metric.WithDescription(d.Description), metric.WithInt64Callback(collect))
	case KindUpDownCounter:
		_, err = m.otel.Int64ObservableUpDownCounter(d.Name, metric.WithUnit(d.Unit),
			metric.WithDescription(d.Description), metric.WithInt64Callback(collect))
	default:
		_, err = m.otel.Int64ObservableGauge(d.Name, metric.WithUnit(d.Unit),
			metric.WithDescription(d.Description), metric.WithInt64Callback(collect))
	}
	return m.made(d, err)
}

func (m *Meter) vector(name string) (*vector, error) {
	d, _ := Lookup(name)
	v := newVector(d)
	return v, m.observable(d, v.collect)
}

// Failures returns what counts the failed readings of source, for what is not
// read in a callback; the series starts at 0.
func (m *Meter) Failures(source string) (count func()) {
	failures := m.failures.cell(source)
	return func() { failures.value.Add(1) }
}

// OnError has handle called with what an operator should know of: sources that
// fail, at each collection, and instruments that are used in the wrong way,
// once. handle must not block and not use m; the errors hold no text of others.
func (m *Meter) OnError(handle func(error)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.handle = handle
}

func (m *Meter) tell(err error) {
	m.mu.Lock()
	handle := m.handle
	m.mu.Unlock()
	if handle != nil {
		handle(err)
	}
}

// EmptyHistograms calls yield for each declared series of each histogram in
// which nothing has been recorded yet. OpenTelemetry's histograms have no
// series before their first value; a reader's producer exports these as zero.
func (m *Meter) EmptyHistograms(yield func(d Definition, attributes attribute.Set)) {
	m.mu.Lock()
	histograms := m.histograms
	m.mu.Unlock()
	for _, h := range histograms {
		h.empty(yield)
	}
}
