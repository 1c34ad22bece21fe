// Package prometheus lets Prometheus scrape the metrics: an exporter with a
// registry of its own and a handler that holds under load.
//
//	exporter, err := prometheus.New().Metrics(ctx, exporters.Settings{})
//	mux.Handle("GET /metrics", exporter.Handler)
//
// The handler leaves out a metric that cannot be gathered rather than failing
// the scrape, gathers once for scrapes that come at the same time, admits a
// bounded number of them, and answers 503 when the exporter was shut down: an
// empty 200 would read as a healthy service without metrics. OpenMetrics is on,
// since exemplars need it. A metric that Settings.Enabled takes off is not on
// the scrape, those of the Go runtime and of the handler itself included.
//
// A collection that hangs costs one goroutine and the scrapes that wait for it,
// each until its timeout; then they are refused until it ends. Nothing here
// asks for credentials or limits who may scrape.
package prometheus
