package alerts

import (
	"fmt"
	"time"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// The series about database pools. They are by instance: in a sum over the fleet
// one exhausted process disappears.
const (
	// PoolLimit is the most connections that a pool may open. It is absent for a
	// pool without a limit, which cannot be exhausted.
	PoolLimit = "job_instance_pool:tutorflow_db_connections:limit"
	// PoolUtilization is the share of PoolLimit that is in use, 0 to 1.
	PoolUtilization = "job_instance_pool:tutorflow_db_connections:utilization"
)

func perPool(gauge string) string { return "max by (job, instance, pool) (" + gauge + ")" }

// poolLimit is the size at which a pool is full. A maximum of 0 means that the
// pool has no limit, so it has no series here and never counts as exhausted:
// the open connections would be a wrong stand-in, because database/sql closes
// idle ones and a healthy pool then looks full. They stand in only where the
// maximum is not exported at all, as by services that still run the Python
// package.
func poolLimit() string {
	return fmt.Sprintf("%[1]s > 0\nor\n(\n  (%[2]s + %[3]s > 0)\n  unless\n  %[1]s\n)\n",
		perPool(catalog.DBConnectionsMax), perPool(catalog.DBConnectionsActive), perPool(catalog.DBConnectionsIdle))
}

func database(t Thresholds) subject {
	return subject{
		records: []Record{
			{Name: PoolLimit, Expr: poolLimit()},
			{Name: PoolUtilization, Expr: lines(perPool(catalog.DBConnectionsActive), "/", PoolLimit)},
		},
		alerts: []Alert{{
			Name: "DatabaseConnectionPoolExhausted", Severity: Warning, Component: "database",
			For: 5 * time.Minute,
			Conditions: []Condition{
				{PoolUtilization, ">", t.PoolUtilization, "pool utilisation", "percentunit"},
				{PoolLimit, ">=", t.MinPoolSize, "connections allowed", "short"},
			},
			Summary: fmt.Sprintf("{{ $labels.instance }}: {{ $value | humanizePercentage }} of the connections of pool {{ $labels.pool }} are in use (threshold %s).",
				percent(t.PoolUtilization)),
			Description: fmt.Sprintf("Pool {{ $labels.pool }} of {{ $labels.job }} on {{ $labels.instance }} has had more than %s of its connections in use for 5 minutes. "+
				"Further queries wait for a connection. Pools of fewer than %g connections are not judged.", percent(t.PoolUtilization), t.MinPoolSize),
			DashboardUID: DependenciesUID,
		}},
	}
}
