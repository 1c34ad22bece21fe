package dbstats_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/goleak"

	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/dbstats"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// connector is a database that only takes connections.
type connector struct{}

func (connector) Connect(context.Context) (driver.Conn, error) { return conn{}, nil }
func (connector) Driver() driver.Driver                        { return nil }

type conn struct{}

func (conn) Prepare(string) (driver.Stmt, error) { return nil, errors.ErrUnsupported }
func (conn) Close() error                        { return nil }
func (conn) Begin() (driver.Tx, error)           { return nil, errors.ErrUnsupported }

// open returns the instruments and what reads the series of one pool.
func open(tb testing.TB) (pools *catalog.Pools, values func(pool string) map[string]float64) {
	tb.Helper()
	reader := sdkmetric.NewManualReader()
	m, err := catalog.NewMeter(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)).Meter("test"))
	if err != nil {
		tb.Fatal(err)
	}
	if pools, err = m.Pools(); err != nil {
		tb.Fatal(err)
	}
	return pools, func(pool string) map[string]float64 {
		tb.Helper()
		var collected metricdata.ResourceMetrics
		if err := reader.Collect(context.Background(), &collected); err != nil {
			tb.Fatal(err)
		}
		found := make(map[string]float64)
		keep := func(name string, attributes attribute.Set, value float64) {
			if v, _ := attributes.Value("pool"); v.AsString() == pool {
				found[name] = value
			}
		}
		for _, one := range collected.ScopeMetrics[0].Metrics {
			switch data := one.Data.(type) {
			case metricdata.Gauge[int64]:
				for _, p := range data.DataPoints {
					keep(one.Name, p.Attributes, float64(p.Value))
				}
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					keep(one.Name, p.Attributes, float64(p.Value))
				}
			case metricdata.Sum[float64]:
				for _, p := range data.DataPoints {
					keep(one.Name, p.Attributes, p.Value)
				}
			}
		}
		return found
	}
}

func TestPoolShowsWhatItsDatabaseDoes(t *testing.T) {
	pools, values := open(t)
	db := sql.OpenDB(connector{})
	db.SetMaxOpenConns(3)
	db.SetMaxIdleConns(2)
	stop, err := dbstats.Observe(pools, "primary", db)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{
		catalog.DBConnectionsActive: 0, catalog.DBConnectionsIdle: 0, catalog.DBConnectionsMax: 3,
		catalog.DBConnectionWaits: 0, catalog.DBConnectionWaitSeconds: 0,
	}
	if diff := cmp.Diff(want, values("primary")); diff != "" {
		t.Errorf("a new pool differs (-want +got):\n%s", diff)
	}

	var held [3]*sql.Conn
	for i := range held {
		if held[i], err = db.Conn(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := db.Conn(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a fourth connection gave %v", err)
	}
	if err := held[0].Close(); err != nil {
		t.Fatal(err)
	}
	got := values("primary")
	if got[catalog.DBConnectionWaitSeconds] <= 0 {
		t.Errorf("the waited time is %v", got[catalog.DBConnectionWaitSeconds])
	}
	delete(got, catalog.DBConnectionWaitSeconds)
	want = map[string]float64{
		catalog.DBConnectionsActive: 2, catalog.DBConnectionsIdle: 1, catalog.DBConnectionsMax: 3, catalog.DBConnectionWaits: 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a busy pool differs (-want +got):\n%s", diff)
	}

	for _, c := range held[1:] {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if got := values("primary"); got[catalog.DBConnectionsActive] != 0 || got[catalog.DBConnectionsIdle] != 0 {
		t.Errorf("a closed pool has %v", got)
	}
	if err := errors.Join(stop(), stop()); err != nil {
		t.Error(err)
	}
	if got := values("primary"); len(got) > 0 {
		t.Errorf("a stopped pool has %v", got)
	}
}

func TestWrongPoolIsRefused(t *testing.T) {
	pools, _ := open(t)
	db := sql.OpenDB(connector{})
	t.Cleanup(func() { _ = db.Close() })
	if _, err := dbstats.Observe(pools, "primary", db); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		pool string
		db   *sql.DB
		want string
	}{
		"a database is needed":      {"replica", nil, `observe pool "replica": db <nil>`},
		"a name is needed":          {"", db, `label "pool" value ""`},
		"a name is not given twice": {"primary", db, `observe pool "primary": name: already observed`},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := dbstats.Observe(pools, test.pool, test.db); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, want %q", err, test.want)
			}
		})
	}
}

func TestStoppedPoolIsGivenBack(t *testing.T) {
	pools, values := open(t)
	collected := make(chan struct{})
	func() {
		db := sql.OpenDB(connector{})
		runtime.AddCleanup(db, func(done chan struct{}) { close(done) }, collected)
		stop, err := dbstats.Observe(pools, "primary", db)
		if err != nil {
			t.Fatal(err)
		}
		if values("primary") == nil {
			t.Error("the pool has no series")
		}
		if err := errors.Join(stop(), db.Close()); err != nil {
			t.Fatal(err)
		}
	}()
	for range 100 {
		runtime.GC()
		select {
		case <-collected:
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Error("the database is still in memory")
}

func TestPoolsThatComeAndGoAreConcurrentSafe(t *testing.T) {
	pools, values := open(t)
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for i := range 25 {
				db := sql.OpenDB(connector{})
				stop, err := dbstats.Observe(pools, fmt.Sprintf("%d-%d", worker, i), db)
				if err != nil {
					t.Error(err)
					return
				}
				if err := errors.Join(db.Close(), stop()); err != nil {
					t.Error(err)
				}
			}
		})
		all.Go(func() {
			for range 10 {
				values("0-0")
			}
		})
	}
	all.Wait()
	if got := values("0-0"); len(got) > 0 {
		t.Errorf("a stopped pool has %v", got)
	}
}
