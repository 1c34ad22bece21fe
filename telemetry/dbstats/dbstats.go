package dbstats

import (
	"database/sql"
	"fmt"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// Observe exports the state of db as the pool called name until stop is called.
// A nil db and a name that is in use or no label value are errors. A closed db
// has zero connections; it should be stopped all the same, since the pool is
// kept in memory until then. It is safe for concurrent use.
func Observe(pools *catalog.Pools, name string, db *sql.DB) (stop func() error, err error) {
	if db == nil {
		return nil, fmt.Errorf("observe pool %.64q: db <nil>: an open *sql.DB is needed", name)
	}
	return pools.Observe(name, func() catalog.PoolStats {
		s := db.Stats()
		return catalog.PoolStats{
			Active: int64(s.InUse),
			Idle:   int64(s.Idle),
			Max:    int64(s.MaxOpenConnections),
			Waits:  s.WaitCount,
			Waited: s.WaitDuration,
		}
	})
}
