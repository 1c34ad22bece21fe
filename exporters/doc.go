// Package exporters is the small contract between the SDK and what carries
// telemetry away, and the selection of exporters by name.
//
// A program says which exporters it is willing to link by passing their
// factories; the configuration then chooses among them by name:
//
//	tel, err := telemetry.Init(ctx, service, telemetry.WithExporters(all.Factories()...))
//
//	OTEL_METRICS_EXPORTER=prometheus,otlp OTEL_TRACES_EXPORTER=otlp ./service
//
// No exporter is registered by being imported, so a program that scrapes only
// links only what a scrape needs. The exporters live below this package:
// prometheus, otlp, stdout (called "console"), and all, which names every one.
package exporters
