package dbstats_test

import (
	"database/sql"
	"errors"
	"runtime"
	"testing"

	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/dbstats"
)

// TestEachPoolShowsItsOwnNumbers has what a gauge without a pool's name would
// show as the last one's, and a counter as their sum.
func TestEachPoolShowsItsOwnNumbers(t *testing.T) {
	pools, values := open(t)
	most := map[string]int{"primary": 3, "replica": 5, "archive": 7}
	for name, n := range most {
		db := sql.OpenDB(connector{})
		t.Cleanup(func() { _ = db.Close() })
		db.SetMaxOpenConns(n)
		for range n - 2 {
			conn, err := db.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() })
		}
		if _, err := dbstats.Observe(pools, name, db); err != nil {
			t.Fatal(err)
		}
	}
	for name, n := range most {
		got := values(name)
		if got[catalog.DBConnectionsMax] != float64(n) || got[catalog.DBConnectionsActive] != float64(n-2) || len(got) != 5 {
			t.Errorf("%s: %v, want %d of %d in use", name, got, n-2, n)
		}
	}
}

// heap is how much is in memory once nothing is left to collect.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

func TestAThousandPoolsThatComeAndGoLeaveNoMemory(t *testing.T) {
	pools, values := open(t)
	comeAndGo := func() {
		db := sql.OpenDB(connector{})
		stop, err := dbstats.Observe(pools, "tenant", db)
		if err != nil {
			t.Fatal(err)
		}
		if len(values("tenant")) != 5 {
			t.Fatal("the pool is not on the scrape")
		}
		if err := errors.Join(stop(), db.Close()); err != nil {
			t.Fatal(err)
		}
	}
	comeAndGo()
	before := heap()
	for range 1000 {
		comeAndGo()
	}
	// A pool that stays is more than a kilobyte.
	if grown := heap() - before; grown > 500_000 {
		t.Errorf("the heap has grown by %d bytes", grown)
	}
	if got := values("tenant"); len(got) != 0 {
		t.Errorf("a stopped pool has %v", got)
	}
}
