package boards

import (
	"github.com/tutorflow/observability/alerting/alerts"
	"github.com/tutorflow/observability/telemetry/catalog"
)

// What else a Prometheus scrapes has the metrics go_…, process_… and up, too, and
// with all jobs chosen the matchers let it pass. These functions keep what runs
// the SDK.

const (
	noProcess  = "No process scraped"
	noTarget   = "No target, or rules not loaded"
	byInstance = "{{instance}}"
)

// ofSDK keeps of expr the processes that export the application info, on the
// same scrape.
func ofSDK(expr string) string {
	return expr + " and on (job, instance) " + scoped(catalog.ApplicationInfo).String()
}

// perProcess is a gauge of the Go runtime or the process.
func perProcess(metric string, matchers ...string) string {
	return ofSDK(scoped(metric, matchers...).String())
}

// knownJobs has a series for each chosen job that exported the application info
// within a day. The alerts judge the targets of these jobs, which do not go away
// when the service does.
func knownJobs() string { return recorded(alerts.KnownJobs).String() }

// perTarget is what Prometheus itself says of each target of these jobs.
func perTarget(metric string) string {
	return scoped(metric).String() + " and on (job) " + knownJobs()
}
