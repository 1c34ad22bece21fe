// Package export is what the pipeline puts around every exporter that pushes,
// so that an exporter can neither hurt the service nor lose anything unseen:
//
//	report := export.NewReport("otlp", exporters.Traces, failed)
//	report.Count(meter, self)
//	processor := export.NewSpans(exporter, limits, report)
//	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(processor))
//
// What was delivered and what was counted as dropped add up to what was
// produced. Each call of an exporter ends in time, even where it does not honour
// its context: it is left behind then, and none is made before it has returned.
// A panic is an error. Texts that are no UTF-8 are repaired, since one of them
// would cost the whole batch. What waits holds no more memory than its own texts
// take. Shutdown ends by its deadline, and says how much was abandoned.
//
// The batching itself is the OpenTelemetry SDK's. Metrics are read by a Reader
// of this package: the SDK's periodic one exports nothing when one callback
// fails, and ends the process when one panics.
package export
