package telemetry

import (
	"fmt"

	"github.com/prometheus/otlptranslator"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

func dropView(name string) sdkmetric.View {
	return sdkmetric.NewView(sdkmetric.Instrument{Name: name}, sdkmetric.Stream{Aggregation: sdkmetric.AggregationDrop{}})
}

// ownNames leaves out instruments of other scopes that a scrape would show under
// the name of a metric of package catalog: which of the two it shows would
// differ from one scrape to the next.
func (t *Telemetry) ownNames(i sdkmetric.Instrument) (sdkmetric.Stream, bool) {
	if i.Scope.Name == scopeName || !t.meter.Has(scrapeName(i)) {
		return sdkmetric.Stream{}, false
	}
	t.errors.Handle(fmt.Errorf("make metric %.256s in scope %.256s: the name belongs to package catalog, it is not exported", i.Name, i.Scope.Name))
	return sdkmetric.Stream{Name: i.Name, Unit: i.Unit, Aggregation: sdkmetric.AggregationDrop{}}, true
}

// scrapeName is what the Prometheus exporter calls an instrument, or "" if it
// cannot show it.
func scrapeName(i sdkmetric.Instrument) string {
	var kind otlptranslator.MetricType = otlptranslator.MetricTypeGauge
	switch i.Kind {
	case sdkmetric.InstrumentKindCounter, sdkmetric.InstrumentKindObservableCounter:
		kind = otlptranslator.MetricTypeMonotonicCounter
	case sdkmetric.InstrumentKindUpDownCounter, sdkmetric.InstrumentKindObservableUpDownCounter:
		kind = otlptranslator.MetricTypeNonMonotonicCounter
	case sdkmetric.InstrumentKindHistogram:
		kind = otlptranslator.MetricTypeHistogram
	}
	namer := otlptranslator.NewMetricNamer("", otlptranslator.UnderscoreEscapingWithSuffixes)
	name, err := namer.Build(otlptranslator.Metric{Name: i.Name, Unit: i.Unit, Type: kind})
	if err != nil {
		return ""
	}
	return name
}
