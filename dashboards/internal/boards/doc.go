// Package boards says what the dashboards contain: one file a dashboard, and the
// parts that all of them share. Metric names come from telemetry/catalog, limits
// and recorded series from package alerting.
package boards
