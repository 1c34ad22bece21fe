package guard

import (
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/embedded"

	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/internal/sums"
)

// buffer keeps what a callback observes until it is known that it counts.
type buffer struct {
	provider *MeterProvider

	mu   sync.Mutex
	kept []func()
	// room is how many observations are taken: as many as the SDK keeps apart,
	// and one more, for which it says that there were too many.
	room int
	// total bounds what counters add up to, should several values have the same
	// attributes.
	total sums.Headroom
}

// add keeps one observation that is to be made, if it is valid.
func (b *buffer) add(valid bool, observe func()) {
	if !valid {
		b.provider.invalid(1)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.room > 0 {
		b.room--
		b.kept = append(b.kept, observe)
	}
}

// observe makes all observations. What a callback that has returned observes
// all the same is lost.
func (b *buffer) observe() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, observe := range b.kept {
		observe()
	}
	b.kept, b.room = nil, 0
}

type int64Observer struct {
	embedded.Int64Observer
	buffer *buffer
	of     observable
	to     metric.Int64Observer
}

func (o int64Observer) Observe(n int64, options ...metric.ObserveOption) {
	attributes := attributesOf(options)
	o.buffer.add(o.buffer.int(o.of, n), func() { o.to.Observe(n, attributes) })
}

type float64Observer struct {
	embedded.Float64Observer
	buffer *buffer
	of     observable
	to     metric.Float64Observer
}

func (o float64Observer) Observe(v float64, options ...metric.ObserveOption) {
	attributes := attributesOf(options)
	o.buffer.add(o.buffer.float(o.of, v), func() { o.to.Observe(v, attributes) })
}

// observer is that of a callback for several instruments.
type observer struct {
	embedded.Observer
	buffer *buffer
	to     metric.Observer
}

func (o observer) ObserveInt64(i metric.Int64Observable, n int64, options ...metric.ObserveOption) {
	attributes := attributesOf(options)
	o.buffer.add(o.buffer.int(o.buffer.provider.observable(i), n), func() { o.to.ObserveInt64(i, n, attributes) })
}

func (o observer) ObserveFloat64(i metric.Float64Observable, v float64, options ...metric.ObserveOption) {
	attributes := attributesOf(options)
	o.buffer.add(o.buffer.float(o.buffer.provider.observable(i), v), func() { o.to.ObserveFloat64(i, v, attributes) })
}

// int reports whether n is valid for an instrument.
func (b *buffer) int(of observable, n int64) bool {
	if of.kind == catalog.KindGauge {
		return true
	}
	return (n >= 0 || of.kind != catalog.KindCounter) && b.total.Int(n)
}

// float reports whether v is valid for an instrument.
func (b *buffer) float(of observable, v float64) bool {
	if of.kind == catalog.KindGauge {
		return finite(v)
	}
	return (v >= 0 || of.kind != catalog.KindCounter) && b.total.Float(v)
}

// attributesOf are the attributes of options as they are now: the caller may
// use the options again.
func attributesOf(options []metric.ObserveOption) metric.ObserveOption {
	set := metric.NewObserveConfig(options).Attributes()
	for _, o := range options {
		if raw, ok := o.(interface{ RawAttributes() []attribute.KeyValue }); ok {
			set = attribute.NewSet(append(set.ToSlice(), raw.RawAttributes()...)...)
		}
	}
	return metric.WithAttributeSet(set)
}
