package alerts

import (
	"fmt"
	"time"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// The series about the telemetry itself: whether it arrives, whole and under the
// names that the other alerts read.
const (
	// LatencyBucket is 1 while the bucket of Thresholds.Latency is scraped and 0
	// while only the rest of the histogram is.
	LatencyBucket = "job:tutorflow_http_request_duration_seconds_bucket:present"
	// RewrittenSeries is the number of series whose label was renamed to
	// exported_… by the scrape; 0, not absent, in a healthy job.
	RewrittenSeries = "job:tutorflow_rewritten_series:count"
	// LabelOverflow is the number of label values in 15 minutes that were outside
	// the declared set, by metric.
	LabelOverflow = "job_metric:tutorflow_telemetry_label_overflow:increase15m"

	// ScrapeSamples is the number of samples on a scrape.
	ScrapeSamples = "job_instance:scrape_samples:last"
	// ScrapeDuration is the 90th percentile of the scrapes of 10 minutes in
	// seconds.
	ScrapeDuration = "job_instance:scrape_duration_seconds:p90_10m"
	// ScrapeErrors is the number of errors in 15 minutes while gathering metrics
	// for a scrape. Those while encoding are left out: every reader that hangs up
	// early causes dozens.
	ScrapeErrors = "job_instance:promhttp_metric_handler_errors:increase15m"

	// FailedExportRatio is the share of the exports of 15 minutes that failed, 0 to
	// 1; absent without exports. Scrapes are left out: whoever hangs up early makes
	// one fail, and those of Prometheus that fail are seen in up.
	FailedExportRatio = "job_exporter_signal:tutorflow_telemetry_exports_failed:ratio15m"
	// FailedExports is their number.
	FailedExports = "job_exporter_signal:tutorflow_telemetry_exports_failed:increase15m"
	// Dropped is the number of spans, log records and measurements dropped in 15
	// minutes on their way out. What was dropped for its content is left out: a
	// stranger can send such content.
	Dropped = "job_exporter_signal_reason:tutorflow_telemetry_dropped:increase15m"
	// LogLinesDropped is the number of log lines in 15 minutes that were not
	// written. Lines about refused requests that were bounded on purpose are left
	// out.
	LogLinesDropped = "job_reason:tutorflow_telemetry_log_lines_dropped:increase15m"
	// CallbackFailures is the number of readings in 15 minutes that failed, by
	// what was read.
	CallbackFailures = "job_source:tutorflow_telemetry_callback_failures:increase15m"
)

// recent is the increase of a counter in the last 15 minutes by labels.
func recent(counter, matchers, by string) string {
	return fmt.Sprintf("sum by (%s) (increase(%s%s[15m]))", by, counter, matchers)
}

// recently is recent in whole events.
func recently(counter, matchers, by string) string {
	return "round(" + recent(counter, matchers, by) + ")"
}

func pipeline(t Thresholds) subject {
	histogram := catalog.HTTPRequestDuration
	const pushed = `exporter!="prometheus"`
	exports := func(matchers string) string {
		return recent(catalog.TelemetryExports, "{"+matchers+"}", "job, exporter, signal")
	}
	return subject{
		records: []Record{
			{Name: LatencyBucket, Expr: orZero(
				fmt.Sprintf("group by (job) (%s_bucket{le=~\"%s\"})", histogram, bound(t.Latency)), "group by (job) ("+histogram+"_count)")},
			{Name: RewrittenSeries, Expr: orZero("count by (job) (\n"+
				`  {__name__=~"tutorflow_.+",exported_endpoint!=""}`+"\n  or\n"+`  {__name__=~"tutorflow_.+",exported_service!=""}`+"\n)", KnownJobs)},
			// A stranger can send any method: it folds, and that is no news.
			{Name: LabelOverflow, Expr: recently(catalog.TelemetryLabelOverflow, `{metric!~"tutorflow_http_.+"}`, "job, metric")},
			{Name: ScrapeSamples, Expr: ofKnown("max by (job, instance) (scrape_samples_post_metric_relabeling)")},
			{Name: ScrapeDuration, Expr: ofKnown("max by (job, instance) (quantile_over_time(0.9, scrape_duration_seconds[10m]))")},
			{Name: ScrapeErrors, Expr: ofKnown(recently("promhttp_metric_handler_errors_total", `{cause="gathering"}`, "job, instance"))},
			{Name: FailedExports, Expr: "round(" + exports(pushed+`,result="failure"`) + ")"},
			{Name: FailedExportRatio, Expr: lines(exports(pushed+`,result="failure"`), "/", "("+exports(pushed)+" > 0)")},
			{Name: Dropped, Expr: recently(catalog.TelemetryDropped, `{reason!~"invalid_.+"}`, "job, exporter, signal, reason")},
			{Name: LogLinesDropped, Expr: recently(catalog.TelemetryLogLinesDropped, `{reason!="rate_limited"}`, "job, reason")},
			{Name: CallbackFailures, Expr: recently(catalog.TelemetryCallbackFailures, "", "job, source")},
		},
		alerts: []Alert{
			doubtful("TutorFlowLatencyBucketMissing", 15*time.Minute, Condition{LatencyBucket, "<", 1, "bucket present", "short"},
				fmt.Sprintf("{{ $labels.job }}: the latency bucket of %gs is missing.", t.Latency),
				fmt.Sprintf("The latency objective and HighLatency of {{ $labels.job }} read the bucket of %gs of %s, and it has not been scraped for 15 minutes: relabelling drops it, or the buckets have changed. Both are blind.", t.Latency, histogram)),
			doubtful("TutorFlowLabelsRewritten", 10*time.Minute, Condition{RewrittenSeries, ">", 0, "rewritten series", "short"},
				"{{ $labels.job }}: the scrape renames labels of {{ $value | humanize }} series to exported_….",
				"A label of the target has the name of a label of the metrics of {{ $labels.job }}: the Prometheus Operator sets endpoint and service. Set honorLabels: true on the monitor, or every panel and alert that filters by them is wrong."),
			doubtful("TutorFlowLabelOverflow", 5*time.Minute, Condition{LabelOverflow, ">=", t.MinBadEvents, "folded measurements in 15m", "short"},
				"{{ $labels.job }}: {{ $value | humanize }} measurements of {{ $labels.metric }} lost a label value.",
				fmt.Sprintf("In the last 15 minutes at least %g measurements of {{ $labels.metric }} in {{ $labels.job }} had a label value that is not declared, or one series too many. They are counted under another value, so panels that split by the label are short of them.", t.MinBadEvents)),
			doubtful("TutorFlowSeriesGrowth", 15*time.Minute, Condition{ScrapeSamples, ">", t.ScrapeSamples, "samples on a scrape", "short"},
				"{{ $labels.job }}: {{ $labels.instance }} exports {{ $value | humanize }} samples.",
				fmt.Sprintf("A scrape of {{ $labels.instance }} has had more than %s samples for 15 minutes. The series of this SDK are bounded by the program; look for an instrument of the service with an unbounded label.", number(t.ScrapeSamples))),
			doubtful("TutorFlowScrapeSlow", 10*time.Minute, Condition{ScrapeDuration, ">", t.ScrapeDuration, "p90 of scrapes", "s"},
				"{{ $labels.job }}: a scrape of {{ $labels.instance }} takes {{ $value | humanizeDuration }}.",
				fmt.Sprintf("One scrape in ten of {{ $labels.instance }} has taken longer than %gs in the last 10 minutes, for 10 minutes. Scrapes are lost from the scrape timeout on, 10s by default.", t.ScrapeDuration)),
			doubtful("TutorFlowScrapeErrors", 5*time.Minute, Condition{ScrapeErrors, ">", 0, "errors in 15m", "short"},
				"{{ $labels.job }}: {{ $labels.instance }} fails to gather metrics.",
				"The scrape handler of {{ $labels.instance }} had {{ $value | humanize }} errors while gathering metrics in the last 15 minutes. Some series are missing on the scrape."),
			{
				Name: "TutorFlowExportFailing", Severity: Warning, Component: "telemetry",
				For: 5 * time.Minute, KeepFiring: 5 * time.Minute,
				Conditions: []Condition{
					{FailedExportRatio, ">", 0.5, "share of failed exports", "percentunit"},
					{FailedExports, ">=", t.MinBadEvents, "failed exports in 15m", "short"},
				},
				Summary:      "{{ $labels.job }}: {{ $value | humanizePercentage }} of the exports of {{ $labels.signal }} by {{ $labels.exporter }} fail.",
				Description:  fmt.Sprintf("More than half of the exports of {{ $labels.signal }} by {{ $labels.exporter }} in {{ $labels.job }} failed in the last 15 minutes, and at least %g of them. What waits is lost when the queue is full. The service itself is not affected.", t.MinBadEvents),
				DashboardUID: TelemetryUID,
			},
			doubtful("TutorFlowTelemetryDropped", 5*time.Minute, Condition{Dropped, ">=", t.MinBadEvents, "dropped in 15m", "short"},
				"{{ $labels.job }}: {{ $value | humanize }} items of {{ $labels.signal }} were dropped ({{ $labels.exporter }}, {{ $labels.reason }}).",
				"In the last 15 minutes {{ $labels.job }} dropped {{ $value | humanize }} items of {{ $labels.signal }} for the exporter {{ $labels.exporter }} with the reason {{ $labels.reason }}. They are lost; metrics on the scrape are complete."),
			doubtful("TutorFlowLogLinesDropped", 5*time.Minute, Condition{LogLinesDropped, ">=", t.MinBadEvents, "lost lines in 15m", "short"},
				"{{ $labels.job }}: {{ $value | humanize }} log lines were not written ({{ $labels.reason }}).",
				"In the last 15 minutes {{ $labels.job }} could not write {{ $value | humanize }} log lines with the reason {{ $labels.reason }}: standard output is full, stalled or closed. The service does not wait for it."),
			doubtful("TutorFlowCallbackFailures", 5*time.Minute, Condition{CallbackFailures, ">=", t.MinBadEvents, "failed readings in 15m", "short"},
				"{{ $labels.job }}: reading {{ $labels.source }} failed {{ $value | humanize }} times.",
				fmt.Sprintf("A source of metrics in {{ $labels.job }}, {{ $labels.source }}, failed, panicked or took too long at least %g times in the last 15 minutes. Its series are missing from those collections.", t.MinBadEvents)),
		},
	}
}

// doubtful is an alert that says that the telemetry cannot be believed, by one
// condition.
func doubtful(name string, wait time.Duration, when Condition, summary, description string) Alert {
	return Alert{
		Name: name, Severity: Warning, Component: "telemetry", For: wait,
		Conditions: []Condition{when},
		Summary:    summary, Description: description, DashboardUID: TelemetryUID,
	}
}
