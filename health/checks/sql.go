package checks

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"

	"github.com/tutorflow/observability/health"
)

// SQL pings a database through its pool. It is shown as components.database and on the db
// path.
//
// When the ping times out while every connection that MaxOpenConns allows is in use, the
// result is degraded rather than unhealthy, for the first busyRuns runs in a row: the pool
// is busy with the service's own queries, and a replica that leaves the rotation for a
// burst passes its load on to the others. A pool that is full for longer is what a database
// that hangs looks like from here, and no query gets through; then each run is a timeout,
// and FailureThreshold counts.
//
// Some drivers ignore the context of a ping. Such a check is shown as hung and costs one
// goroutine and one connection until the driver returns.
func SQL(name string, db *sql.DB, opts ...health.Option) health.Check {
	check := health.Check{Name: name, Kind: health.KindDatabase}
	if db == nil {
		check.Err = errors.New("db nil: must be an open *sql.DB")
		return check.With(opts...)
	}
	var busy atomic.Int32 // one Check may be given to two Checkers
	check.Run = func(ctx context.Context) error {
		err := db.PingContext(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !exhausted(db.Stats()) {
			busy.Store(0)
			return err
		}
		if busy.Add(1) > busyRuns {
			return err
		}
		return errors.Join(health.ErrDegraded, errors.New("every connection of the pool is in use"), err)
	}
	return check.With(opts...)
}

// busyRuns is for how many runs in a row a full pool is taken for a busy one.
const busyRuns = 2

func exhausted(stats sql.DBStats) bool {
	return stats.MaxOpenConnections > 0 && stats.InUse >= stats.MaxOpenConnections
}
