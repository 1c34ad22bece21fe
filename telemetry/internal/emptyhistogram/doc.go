// Package emptyhistogram exports histogram series that have no value yet, which
// the OpenTelemetry SDK leaves out: with them rate and increase see the first
// value, and a panel shows 0 instead of nothing.
//
//	producer := emptyhistogram.New(meter, "scope")
//	reader := metric.NewManualReader(metric.WithProducer(producer))
//
// The points are cumulative. It does not touch series that have a value.
package emptyhistogram
