package alerts

import (
	"fmt"
	"time"
)

// The series about the Go process, of jobs that use this SDK.
const (
	// Goroutines is the number of goroutines.
	Goroutines = "job_instance:go_goroutines:last"
	// GoroutineGrowth is Goroutines divided by that of an hour ago.
	GoroutineGrowth = "job_instance:go_goroutines:ratio1h"
	// GoroutineTrend is the goroutines that come in a second, over 10 minutes. A
	// longer range would see a jump to a busy plateau for as long as the alert
	// waits.
	GoroutineTrend = "job_instance:go_goroutines:deriv10m"
	// Restarts is how often the process has started anew within 30 minutes.
	Restarts = "job_instance:process_start_time_seconds:changes30m"
	// FileDescriptors is the share of the file descriptors that is open, 0 to 1.
	FileDescriptors = "job_instance:process_open_fds:utilization"
)

func process(t Thresholds) subject {
	return subject{
		records: []Record{
			{Name: Goroutines, Expr: ofKnown("max by (job, instance) (go_goroutines)")},
			{Name: GoroutineGrowth, Expr: Goroutines + " / (" + Goroutines + " offset 1h > 0)"},
			{Name: GoroutineTrend, Expr: "deriv(" + Goroutines + "[10m])"},
			{Name: Restarts, Expr: ofKnown("max by (job, instance) (changes(process_start_time_seconds[30m]))")},
			{Name: FileDescriptors, Expr: ofKnown("max by (job, instance) (process_open_fds / (process_max_fds > 0))")},
		},
		alerts: []Alert{
			{
				Name: "TutorFlowGoroutineLeak", Severity: Warning, Component: "runtime",
				For: 15 * time.Minute,
				Conditions: []Condition{
					{Goroutines, ">", t.Goroutines, "goroutines", "short"},
					{GoroutineGrowth, ">", 3, "against an hour ago", "none"},
					{GoroutineTrend, ">", 0, "new each second", "cps"},
				},
				Summary:      "{{ $labels.job }}: {{ $labels.instance }} has {{ $value | humanize }} goroutines and their number rises.",
				Description:  fmt.Sprintf("{{ $labels.instance }} has more than %s goroutines, three times as many as an hour ago, and their number is still rising. Goroutines that hang hold memory, connections and locks.", number(t.Goroutines)),
				DashboardUID: RuntimeUID,
			},
			{
				Name: "TutorFlowRestartLoop", Severity: Warning, Component: "runtime",
				Conditions:   []Condition{{Restarts, ">", t.Restarts, "starts in 30m", "short"}},
				Summary:      "{{ $labels.job }}: {{ $labels.instance }} was started {{ $value | humanize }} times in 30 minutes.",
				Description:  fmt.Sprintf("The process of {{ $labels.instance }} was started anew more than %g times within 30 minutes: it crashes, is killed for its memory, or fails its liveness probe.", t.Restarts),
				DashboardUID: RuntimeUID,
			},
			{
				Name: "TutorFlowFileDescriptorsHigh", Severity: Warning, Component: "runtime",
				For:          10 * time.Minute,
				Conditions:   []Condition{{FileDescriptors, ">", t.FileDescriptors, "open file descriptors", "percentunit"}},
				Summary:      "{{ $labels.job }}: {{ $value | humanizePercentage }} of the file descriptors of {{ $labels.instance }} are open.",
				Description:  fmt.Sprintf("{{ $labels.instance }} has had more than %s of its file descriptors open for 10 minutes. At all of them it can accept no connection. Response bodies that nobody closes are the usual cause.", percent(t.FileDescriptors)),
				DashboardUID: RuntimeUID,
			},
		},
	}
}
