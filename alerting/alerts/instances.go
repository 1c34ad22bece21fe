package alerts

import (
	"time"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// The series about the processes of a service. Prometheus scrapes more than this
// SDK: a job counts as ours for a day after it has exported its application info.
const (
	// KnownJobs is 1 for each job that has exported the application info within
	// a day.
	KnownJobs = "job:tutorflow_application_info:present1d"
	// InstancesUp is the number of instances that can be scraped, or that push where
	// none is to be scraped; 0, not absent, when a known job has left service
	// discovery or stopped pushing.
	InstancesUp = "job:tutorflow_instances:up"
	// InstanceUp is 1 for an instance that can be scraped and 0 for one that
	// cannot; absent while no instance of the job can.
	InstanceUp = "job_instance:tutorflow_instances:up"
	// MetricsPresent is 1 for an instance that is up and exports the application
	// info, and 0 for one that is up and does not.
	MetricsPresent = "job_instance:tutorflow_application_info:present"
	// HealthCheckUp is 1 while a health check passes and 0 while it fails.
	HealthCheckUp = "job_instance_check:tutorflow_health_check:up"
)

// ofKnown keeps of expr the jobs that are ours.
func ofKnown(expr string) string { return expr + " and on (job) " + KnownJobs }

func instances(Thresholds) subject {
	return subject{
		records: []Record{
			{Name: KnownJobs, Expr: "group by (job) (last_over_time(" + catalog.ApplicationInfo + "[1d]))"},
			{Name: InstancesUp, Expr: orZero(
				"(sum by (job) (up) and "+KnownJobs+")\nor\ncount by (job) ("+catalog.ApplicationInfo+")", KnownJobs)},
			{Name: InstanceUp, Expr: "min by (job, instance) (up) and on (job) (" + InstancesUp + " > 0)"},
			{Name: MetricsPresent, Expr: orZero(
				"group by (job, instance) ("+catalog.ApplicationInfo+")", "("+InstanceUp+" > 0)")},
			{Name: HealthCheckUp, Expr: "min by (job, instance, check) (" + catalog.HealthCheckUp + ")"},
		},
		alerts: []Alert{
			{
				Name: "TutorFlowDown", Severity: Critical, Component: "availability",
				For:          2 * time.Minute,
				Conditions:   []Condition{{InstancesUp, "<", 1, "instances up", "short"}},
				Summary:      "{{ $labels.job }}: no instance can be scraped.",
				Description:  "Prometheus has not been able to scrape any instance of {{ $labels.job }} for 2 minutes, the job has left service discovery, or nothing of it is pushed any more. The service is down or cannot be reached, and no other alert can tell.",
				DashboardUID: TelemetryUID,
			},
			{
				Name: "TutorFlowInstanceDown", Severity: Warning, Component: "availability",
				For:          5 * time.Minute,
				Conditions:   []Condition{{InstanceUp, "<", 1, "instance up", "short"}},
				Summary:      "{{ $labels.job }}: {{ $labels.instance }} cannot be scraped.",
				Description:  "Prometheus has not been able to scrape {{ $labels.instance }} for 5 minutes, while other instances of {{ $labels.job }} answer. They carry its load.",
				DashboardUID: TelemetryUID,
			},
			{
				Name: "TutorFlowMetricsMissing", Severity: Warning, Component: "telemetry",
				For:          10 * time.Minute,
				Conditions:   []Condition{{MetricsPresent, "<", 1, "application info exported", "short"}},
				Summary:      "{{ $labels.job }}: {{ $labels.instance }} is up but exports no metrics of the SDK.",
				Description:  "The scrape of {{ $labels.instance }} succeeds, but " + catalog.ApplicationInfo + " has been missing for 10 minutes: every other alert is blind for this instance.",
				DashboardUID: TelemetryUID,
			},
			{
				Name: "TutorFlowHealthCheckFailing", Severity: Warning, Component: "dependency",
				For:          5 * time.Minute,
				Conditions:   []Condition{{HealthCheckUp, "<", 1, "check passes", "short"}},
				Summary:      "{{ $labels.job }}: the health check {{ $labels.check }} fails on {{ $labels.instance }}.",
				Description:  "The health check {{ $labels.check }} of {{ $labels.instance }} has failed for 5 minutes. If the check is critical the instance gets no traffic.",
				DashboardUID: DependenciesUID,
			},
		},
	}
}
