package catalog

import (
	"sync"

	"go.opentelemetry.io/otel/attribute"
)

// vector is a series whose label values become known one by one, at rates
// where a lock does not show. It grows to MaxSeries at the most.
type vector struct {
	series
	labels []Label

	lookup sync.RWMutex
	known  map[[3]string]*cell
	spare  cell
}

func newVector(d Definition) *vector {
	return &vector{labels: d.Labels, known: make(map[[3]string]*cell)}
}

// cell returns the series of values, one for each label. When the vector is
// full a new one is not exported.
func (v *vector) cell(values ...string) *cell {
	var key [3]string
	copy(key[:], values)

	v.lookup.RLock()
	c := v.known[key]
	v.lookup.RUnlock()
	if c != nil {
		return c
	}

	v.lookup.Lock()
	defer v.lookup.Unlock()
	if c = v.known[key]; c != nil {
		return c
	}
	if len(v.known) >= MaxSeries {
		return &v.spare
	}
	attributes := make([]attribute.KeyValue, len(v.labels))
	for i, l := range v.labels {
		attributes[i] = attribute.String(l.Name, LabelValue(key[i]))
	}
	c = v.add(attributes...)
	v.known[key] = c
	return c
}
