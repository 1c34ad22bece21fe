package catalog

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/tutorflow/observability/telemetry/internal/sums"
)

// histogram is an OpenTelemetry histogram that knows the series it will have.
type histogram struct {
	definition Definition
	instrument metric.Float64Histogram
	invalid    *cell
	room       sums.Headroom

	mu     sync.Mutex
	series []*histogramSeries
}

// histogramSeries is one series of a histogram with its prepared option.
type histogramSeries struct {
	of         *histogram
	attributes attribute.Set
	options    []metric.RecordOption
	recorded   atomic.Bool
}

func (m *Meter) histogram(d Definition) (*histogram, error) {
	instrument, err := m.otel.Float64Histogram(d.Name, metric.WithUnit(d.Unit),
		metric.WithDescription(d.Description), metric.WithExplicitBucketBoundaries(d.Buckets...))
	if err := m.made(d, err); err != nil {
		return nil, err
	}
	h := &histogram{definition: d, instrument: instrument, invalid: m.invalid}
	m.mu.Lock()
	m.histograms = append(m.histograms, h)
	m.mu.Unlock()
	return h, nil
}

func (h *histogram) add(attributes ...attribute.KeyValue) *histogramSeries {
	set := attribute.NewSet(attributes...)
	s := &histogramSeries{of: h, attributes: set, options: []metric.RecordOption{metric.WithAttributeSet(set)}}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.series = append(h.series, s)
	return s
}

func (h *histogram) empty(yield func(Definition, attribute.Set)) {
	h.mu.Lock()
	all := h.series
	h.mu.Unlock()
	for _, s := range all {
		if !s.recorded.Load() {
			yield(h.definition, s.attributes)
		}
	}
}

// record keeps out what makes the sum useless for ever, which are NaN and the
// infinities, and what makes it fall: negative values, and whole ones that the
// SDK adds up to more than the largest integer.
func (s *histogramSeries) record(ctx context.Context, v float64) {
	if v < 0 || !s.of.room.Float(v) {
		s.of.invalid.value.Add(1)
		return
	}
	// The mark comes first: a collection in between shows the series neither
	// here nor in OpenTelemetry's histogram. The other order would show it in
	// both, and Prometheus has no use for a series that it gets twice.
	if !s.recorded.Load() {
		s.recorded.Store(true)
	}
	s.of.instrument.Record(ctx, v, s.options...)
}

// Histogram counts values by size. A nil *Histogram, as a refused definition
// leaves it, counts nothing.
type Histogram struct{ series *histogramSeries }

// NewHistogram makes the histogram called name with the given upper bounds,
// strictly increasing and in the unit that the name ends in. There are no
// default bounds: those of OpenTelemetry are made for milliseconds.
func NewHistogram(m *Meter, name, description string, buckets []float64) (*Histogram, error) {
	h, err := m.customHistogram(Definition{Name: name, Description: description, Buckets: buckets})
	if err != nil {
		return nil, err
	}
	return &Histogram{h.add()}, nil
}

// Record adds one value. A negative value, NaN, the infinities and what is so
// large that the sum could overflow are dropped and counted as such.
func (h *Histogram) Record(ctx context.Context, v float64) {
	if h != nil {
		h.series.record(ctx, v)
	}
}

// HistogramBy counts values by size and one label. A nil *HistogramBy counts
// nothing.
type HistogramBy[A ~int] struct {
	series   []*histogramSeries
	overflow *overflow
}

// NewHistogramBy makes the histogram called name with one series for each
// value of label; see NewHistogram for the buckets.
func NewHistogramBy[A ~int](m *Meter, name, description string, buckets []float64, label EnumLabel[A]) (*HistogramBy[A], error) {
	h, err := m.customHistogram(Definition{Name: name, Description: description, Buckets: buckets, Labels: []Label{label.label()}})
	if err != nil {
		return nil, err
	}
	by := &HistogramBy[A]{overflow: m.undeclared(name)}
	for _, v := range label.values {
		by.series = append(by.series, h.add(attribute.String(label.name, v)))
	}
	return by, nil
}

// Record adds one value with the label value a. What Histogram.Record drops is
// dropped here too.
func (h *HistogramBy[A]) Record(ctx context.Context, v float64, a A) {
	if h == nil {
		return
	}
	if uint(a) >= uint(len(h.series)) {
		h.overflow.count()
		return
	}
	h.series[a].record(ctx, v)
}

func (m *Meter) customHistogram(d Definition) (*histogram, error) {
	d.Kind, d.Unit, d.Buckets = KindHistogram, unitOf(d.Name), slices.Clone(d.Buckets)
	if err := m.custom(d); err != nil {
		return nil, err
	}
	return m.histogram(d)
}
