package catalog

import "slices"

// Kind says how a metric behaves between two scrapes.
type Kind string

// The kinds that the catalogue knows. Their texts are those that the
// documentation prints.
const (
	KindCounter       Kind = "counter"
	KindUpDownCounter Kind = "up-down counter"
	KindGauge         Kind = "gauge"
	KindHistogram     Kind = "histogram"
)

// Label is a label of a metric with the values that it may take. Values is
// empty where the set is given when the program starts (route templates, pool
// names) and is bounded all the same.
type Label struct {
	Name   string
	Values []string
}

// Definition describes one metric as Prometheus shows it. Unit is a UCUM code
// ("s"), or an annotation ("{request}") where the metric counts things.
// Buckets holds the upper bounds of a histogram, in the unit.
type Definition struct {
	Name        string
	Kind        Kind
	Unit        string
	Description string
	Labels      []Label
	Buckets     []float64
}

// Lookup finds the definition of the metric called name.
func Lookup(name string) (Definition, bool) {
	all := All()
	i := slices.IndexFunc(all, func(d Definition) bool { return d.Name == name })
	if i < 0 {
		return Definition{}, false
	}
	return all[i], true
}
