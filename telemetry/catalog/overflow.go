package catalog

import "fmt"

// overflow counts what one metric folds or leaves out because the program uses
// a label value that it has not declared, and tells of the first.
type overflow struct {
	meter  *Meter
	cell   *cell
	metric string
	advice string
}

func (m *Meter) overflow(metric, advice string) *overflow {
	return &overflow{m, m.overflows.cell(metric), metric, advice}
}

// undeclared is the overflow of a metric whose labels are enumerated.
func (m *Meter) undeclared(metric string) *overflow {
	return m.overflow(metric, "the constant has no value in the Enum of its label; add it there")
}

func (o *overflow) count() {
	if o.cell.value.Add(1) == 1 {
		o.meter.tell(fmt.Errorf("label overflow of metric %s, told of once and counted in %s: %s", o.metric, TelemetryLabelOverflow, o.advice))
	}
}
