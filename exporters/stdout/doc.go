// Package stdout prints telemetry as JSON, one object a line, to look at while
// developing. The configuration calls it "console".
//
//	tel, err := telemetry.Init(ctx, service)  // OTEL_TRACES_EXPORTER=console
//
// Metrics are printed at an interval and once more at shutdown, spans when the
// processor that the exporter is given to hands them over. A writer that blocks
// holds up the export, not the service.
package stdout
