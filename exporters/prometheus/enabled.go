package prometheus

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// enabledOnly leaves out what is not enabled, by the names of the text format,
// which are those of gathered families: OpenMetrics takes the _total off a
// counter's only when it writes them. All families are gathered all the same,
// since a registry can gather no single one.
func enabledOnly(gatherer prometheus.Gatherer, enabled func(metric string) bool) prometheus.Gatherer {
	if enabled == nil {
		return gatherer
	}
	return prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		families, err := gatherer.Gather()
		return slices.DeleteFunc(families, func(f *dto.MetricFamily) bool { return !enabled(f.GetName()) }), err
	})
}

// known reports whether there is a metric, enabled or not.
func known(gatherer prometheus.Gatherer) func(metric string) bool {
	return func(metric string) bool {
		families, _ := gatherer.Gather() // what could be gathered is known
		return slices.ContainsFunc(families, func(f *dto.MetricFamily) bool { return f.GetName() == metric })
	}
}
