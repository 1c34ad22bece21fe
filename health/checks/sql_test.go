package checks_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tutorflow/observability/health"
	"github.com/tutorflow/observability/health/checks"
)

// connector is a database that does nothing but answer pings.
type connector struct {
	ping  func(context.Context) error
	opens atomic.Int64
}

func (c *connector) Connect(context.Context) (driver.Conn, error) {
	c.opens.Add(1)
	return conn{c}, nil
}
func (c *connector) Driver() driver.Driver { return nil }

type conn struct{ *connector }

func (c conn) Ping(ctx context.Context) error      { return c.ping(ctx) }
func (c conn) Prepare(string) (driver.Stmt, error) { return nil, errors.ErrUnsupported }
func (c conn) Begin() (driver.Tx, error)           { return nil, errors.ErrUnsupported }
func (c conn) Close() error                        { return nil }
func open(t *testing.T, c *connector) *sql.DB      { return closeLater(t, sql.OpenDB(c)) }
func closeLater(t *testing.T, db *sql.DB) *sql.DB  { t.Cleanup(func() { _ = db.Close() }); return db }
func expectDB(t *testing.T, code int, body, want string, wantCode int) {
	t.Helper()
	if code != wantCode || !strings.HasPrefix(body, want) {
		t.Errorf("%d %s, want %d %s", code, body, wantCode, want)
	}
}

func TestSQL(t *testing.T) {
	cases := map[string]struct {
		ping func(context.Context) error
		code int
		want string
	}{
		"a database that answers":  {func(context.Context) error { return nil }, 200, `{"database":{"status":"healthy","latency_ms":0}`},
		"a database that is down":  {func(context.Context) error { return errors.New("refused") }, 503, `{"database":{"status":"unhealthy","latency_ms":0,"reason":"failed"}`},
		"a database that is stuck": {func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, 503, `{"database":{"status":"unhealthy","latency_ms":2000,"reason":"timeout"}`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				db := open(t, &connector{ping: tc.ping})
				db.SetMaxOpenConns(1) // The ping's own connection does not make the pool busy.
				h := start(t, checks.SQL("database", db))
				time.Sleep(9 * time.Second)
				code, body := get(h, "/health/db")
				expectDB(t, code, body, tc.want, tc.code)
			})
		})
	}
}

func TestSQLWithABusyPoolIsDegradedAndReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &connector{ping: func(context.Context) error { return nil }}
		db := open(t, c)
		db.SetMaxOpenConns(1)
		held, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		h := start(t, checks.SQL("database", db))
		time.Sleep(9 * time.Second)
		code, body := get(h, "/health/db")
		expectDB(t, code, body, `{"database":{"status":"degraded","latency_ms":2000,"reason":"timeout"}`, 200)
		if code, body := get(h, "/health/ready"); code != 200 {
			t.Errorf("not ready: %s", body)
		}

		if err := held.Close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(9 * time.Second)
		code, body = get(h, "/health/db")
		expectDB(t, code, body, `{"database":{"status":"healthy"`, 200)
	})
}

func TestSQLWithAPoolThatStaysFullIsUnhealthy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, &connector{ping: func(context.Context) error { return nil }})
		db.SetMaxOpenConns(1)
		held, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = held.Close() }()
		h := start(t, checks.SQL("database", db))
		time.Sleep(time.Minute)
		code, body := get(h, "/health/db")
		expectDB(t, code, body, `{"database":{"status":"unhealthy","latency_ms":2000,"reason":"timeout"}`, 503)
		if code, body := get(h, "/health/ready"); code != 503 || !strings.Contains(body, "database: timeout") {
			t.Errorf("readiness: %d %s, want 503 database: timeout", code, body)
		}
	})
}

func TestSQLProbesOpenNoConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &connector{ping: func(context.Context) error { return nil }}
		h := start(t, checks.SQL("database", open(t, c)))
		synctest.Wait()
		for range 200 {
			get(h, "/health/db")
		}
		if got := c.opens.Load(); got != 1 {
			t.Errorf("%d connections were opened, want 1", got)
		}
	})
}

func TestSQLWithADriverThatIgnoresItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var pings atomic.Int64
		db := open(t, &connector{ping: func(context.Context) error { pings.Add(1); <-release; return nil }})
		h := start(t, checks.SQL("database", db, health.Interval(time.Second)))
		t.Cleanup(func() { close(release) })
		time.Sleep(100 * time.Second)
		code, body := get(h, "/health/ready")
		if code != 503 || !strings.Contains(body, `"reason":"database: hung"`) {
			t.Errorf("%d %s", code, body)
		}
		if got := pings.Load(); got != 1 {
			t.Errorf("%d pings, want 1", got)
		}
	})
}
