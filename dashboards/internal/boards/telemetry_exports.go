package boards

import (
	"github.com/tutorflow/observability/dashboards/internal/grafana"
	"github.com/tutorflow/observability/dashboards/internal/promql"
	"github.com/tutorflow/observability/telemetry/catalog"
)

func (s set) exports() *grafana.Panel {
	return grafana.Timeseries("Exports by exporter, signal and result",
		"Exports a second; for prometheus they are scrapes. Failures leave the service alone, but what waits is lost when the queue is full: look at the collector, its certificate and the credentials. The log line telemetry failed says what it answered.", "cps",
		grafana.Query(promql.Sum(promql.Rate(scoped(catalog.TelemetryExports)), "exporter", "signal", "result"), "{{exporter}} {{signal}} {{result}}")).
		NoValue("No exporter").
		ShadeSeries(" success$", grafana.Good).ShadeSeries(" failure$", grafana.Bad)
}

func (s set) sinceExport() *grafana.Panel {
	last := scoped(catalog.TelemetryLastSuccess).String()
	return grafana.Timeseries("Time since the last successful export",
		"Of the instance that has waited longest, by exporter and signal. A sawtooth is healthy; a straight climb means that nothing is delivered. Where there is nothing to export, traces and logs climb, too. Instances that never exported are counted at the top of this dashboard.", "s",
		grafana.Query("time() - min by (exporter, signal) ("+last+" > 0)", "{{exporter}} {{signal}}")).
		NoValue("Never")
}

func (s set) droppedItems() *grafana.Panel {
	return grafana.Timeseries("Dropped items by reason",
		"Spans, log records and measurements lost a minute. Healthy is 0. queue_full: more comes than is exported, raise the queue or sample less. export_failed and rejected: ask the collector. invalid_value: the code records NaN or the like.", perMinute,
		grafana.Query(minuteRate(catalog.TelemetryDropped, "exporter", "signal", "reason"), "{{exporter}} {{signal}} {{reason}}")).
		NoValue("No exporter").
		ShadeSeries(" queue_full$", grafana.Fair).ShadeSeries(" export_failed$", grafana.Bad).
		ShadeSeries(" rejected$", "purple").ShadeSeries(" shutdown$", "blue").
		ShadeSeries(" too_large$", "yellow").ShadeSeries(" invalid_(text|value)$", "light-orange")
}

func (s set) logLinesDropped() *grafana.Panel {
	return grafana.Timeseries("Log lines dropped by reason",
		"Log lines a minute that were not written; the service does not wait for its output. queue_full: nobody reads stdout fast enough, look at the log shipper. write_error and closed: stdout is full or gone. rate_limited is on purpose: one route refuses more than 100 requests a second.", perMinute,
		grafana.Query(minuteRate(catalog.TelemetryLogLinesDropped, "reason"), "{{reason}}")).
		Width(6).NoValue(noProcess).
		ColorSeries("queue_full", grafana.Fair).ColorSeries("write_error", grafana.Bad).
		ColorSeries("closed", "purple").ColorSeries("rate_limited", "blue")
}

func (s set) callbackFailures() *grafana.Panel {
	return grafana.Timeseries("Failed readings by source",
		"Readings a minute of a pool, a health check or a callback that failed, panicked or took more than a second. Healthy is 0: the series of that source were missing then. The log line telemetry failed names metric and scope.", perMinute,
		grafana.Query(minuteRate(catalog.TelemetryCallbackFailures, "source"), "{{source}}")).
		Width(6).NoValue("No source is read")
}

func (s set) telemetryChanges() *grafana.Panel {
	return grafana.Timeseries("Changes by control and action",
		"Changes a minute of the log level or of a metric while the program runs. A metric that was switched off looks like one that is missing: each change is a line in the log, and reverts by itself.", perMinute,
		grafana.Query(minuteRate(catalog.TelemetryChanges, "control", "action"), "{{control}} {{action}}")).
		Width(6).NoValue(noProcess).
		ShadeSeries(" set$", "blue").ShadeSeries(" revert$", grafana.Good)
}

func (s set) refusedRequests() *grafana.Panel {
	return grafana.Timeseries("Refused admin requests by reason",
		"Requests a minute that the admin listener refused. Healthy is 0. token: a client with an old token or none. peer: somebody of another machine. host and origin: a web page that tries the listener through a browser. The log line has the peer.", perMinute,
		grafana.Query(minuteRate(catalog.TelemetryRefusedRequests, "reason"), "{{reason}}")).
		Width(6).NoValue(noProcess).
		ColorSeries("token", grafana.Fair).ColorSeries("peer", grafana.Bad).
		ColorSeries("host", "purple").ColorSeries("origin", "yellow")
}
