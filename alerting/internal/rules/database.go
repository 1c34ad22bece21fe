package rules

import (
	"fmt"

	"github.com/tutorflow/observability/alerting"
	"github.com/tutorflow/observability/alerting/internal/rulefile"
	"github.com/tutorflow/observability/telemetry/catalog"
)

func databaseGroup(links Links) rulefile.Group {
	return rulefile.Group{
		Name:     "tutorflow-database",
		Interval: interval,
		Rules: []rulefile.Rule{
			record(alerting.PoolLimit, poolLimit()),
			record(alerting.PoolUtilization, fmt.Sprintf("%s\n/\n%s\n",
				perPool(catalog.DBConnectionsActive), alerting.PoolLimit)),
			alert(alerting.DatabaseConnectionPoolExhausted(), links),
		},
	}
}

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

func perPool(gauge string) string {
	return "max by (job, instance, pool) (" + gauge + ")"
}
