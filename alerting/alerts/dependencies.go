package alerts

import (
	"fmt"
	"time"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// The series about calls to external services. Calls that the service itself gave
// up are left out of the counts: they say nothing of the other side. The durations
// have no label to leave them out by.
const (
	// ExternalCallRate is calls a second.
	ExternalCallRate = "job_service:tutorflow_external_service_calls:rate5m"
	// ExternalFailedRate is calls a second that ended in an error or a timeout; 0,
	// not absent, while none do.
	ExternalFailedRate = "job_service:tutorflow_external_service_calls_failed:rate5m"
	// ExternalFailedRatio is their share, 0 to 1; absent without calls.
	ExternalFailedRatio = "job_service:tutorflow_external_service_calls_failed:ratio5m"
	// ExternalFailedCount is their number in the window.
	ExternalFailedCount = "job_service:tutorflow_external_service_calls_failed:increase5m"
	// ExternalLatencyP95 is the 95th percentile of a call's duration in seconds;
	// absent without calls.
	ExternalLatencyP95 = "job_service:tutorflow_external_service_duration_seconds:p95_5m"
	// ExternalSlowCount is the number of calls in the window that took longer
	// than Thresholds.ExternalLatency.
	ExternalSlowCount = "job_service:tutorflow_external_service_calls_slow:increase5m"
)

func dependencies(t Thresholds) subject {
	rate := func(matcher string) string {
		return fmt.Sprintf("sum by (job, service) (rate(%s{%s}[%s]))", catalog.ExternalServiceCalls, matcher, window)
	}
	return subject{
		records: []Record{
			{Name: ExternalCallRate, Expr: rate(`status!="canceled"`)},
			{Name: ExternalFailedRate, Expr: orZero(rate(`status=~"error|timeout"`), ExternalCallRate)},
			{Name: ExternalFailedRatio, Expr: ExternalFailedRate + " / (" + ExternalCallRate + " > 0)"},
			{Name: ExternalFailedCount, Expr: count(ExternalFailedRate)},
			{Name: ExternalLatencyP95, Expr: quantile(catalog.ExternalServiceDuration, "", "job, service")},
			{Name: ExternalSlowCount, Expr: count(slower(catalog.ExternalServiceDuration, "", "job, service", t.ExternalLatency)) + "\n"},
		},
		alerts: []Alert{
			{
				Name: "TutorFlowExternalServiceErrors", Severity: Warning, Component: "dependency",
				For: 5 * time.Minute, KeepFiring: 5 * time.Minute,
				Conditions: []Condition{
					{ExternalFailedRatio, ">", t.ExternalErrorRatio, "share of failed calls", "percentunit"},
					{ExternalFailedCount, ">=", t.MinBadEvents, "failed calls in 5m", "short"},
				},
				Summary: fmt.Sprintf("{{ $labels.job }}: {{ $value | humanizePercentage }} of the calls to {{ $labels.service }} fail (threshold %s).", percent(t.ExternalErrorRatio)),
				Description: fmt.Sprintf("Over the last %s, {{ $value | humanizePercentage }} of the calls from {{ $labels.job }} to {{ $labels.service }} ended in an error or a timeout, and at least %g of them. "+
					"What needs the service fails or is slow for users.", minutes(Window), t.MinBadEvents),
				DashboardUID: DependenciesUID,
			},
			{
				Name: "TutorFlowExternalServiceSlow", Severity: Warning, Component: "dependency",
				For: 10 * time.Minute, KeepFiring: 5 * time.Minute,
				Conditions: []Condition{
					{ExternalLatencyP95, ">", t.ExternalLatency, "p95 of calls", "s"},
					{ExternalSlowCount, ">=", t.MinBadEvents, "slow calls in 5m", "short"},
				},
				Summary: fmt.Sprintf("{{ $labels.job }}: p95 of the calls to {{ $labels.service }} is {{ $value | humanizeDuration }} (threshold %gs).", t.ExternalLatency),
				Description: fmt.Sprintf("Over the last %s, more than %s of the calls from {{ $labels.job }} to {{ $labels.service }} took longer than %gs, and at least %g of them. "+
					"Requests that wait for it hold connections and memory.", minutes(Window), percent(1-latencyQuantile), t.ExternalLatency, t.MinBadEvents),
				DashboardUID: DependenciesUID,
			},
		},
	}
}
