package alerting

import "fmt"

// DatabaseConnectionPoolExhausted fires when nearly all connections of one pool
// in one process are in use. It looks at each pool of each instance alone: in a
// sum over the fleet one exhausted process disappears.
func DatabaseConnectionPoolExhausted() Alert {
	return Alert{
		Name:      "DatabaseConnectionPoolExhausted",
		Severity:  Warning,
		Component: "database",
		For:       PoolUtilizationFor,
		Signal:    PoolUtilization,
		Threshold: PoolUtilizationThreshold,
		Guard:     PoolLimit,
		Minimum:   MinPoolSize,
		Labels:    []string{"job", "instance", "pool"},
		Summary: fmt.Sprintf("{{ $labels.instance }}: {{ $value | humanizePercentage }} of the connections of pool {{ $labels.pool }} are in use (threshold %s).",
			percent(PoolUtilizationThreshold)),
		Description: fmt.Sprintf("Pool {{ $labels.pool }} of {{ $labels.job }} on {{ $labels.instance }} has had more than %s of its connections in use for %s. "+
			"Further queries wait for a connection. Pools of fewer than %d connections are not judged.",
			percent(PoolUtilizationThreshold), minutes(PoolUtilizationFor), MinPoolSize),
		DashboardUID: "tutorflow-api",
	}
}
