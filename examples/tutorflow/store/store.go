package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// DefaultFile is the SQLite file that Open uses for an empty DSN, relative to
// the working directory.
const DefaultFile = "tutorflow.db"

// The pool is kept small on purpose: the example should be able to show what a
// pool under pressure looks like.
const (
	maxOpenConns    = 8
	maxIdleConns    = 4
	connMaxIdleTime = 5 * time.Minute
)

// Store is the database of the example service. It is safe for concurrent use.
type Store struct {
	db      *sql.DB
	dialect dialect
}

// Open connects to the database that dsn names and migrates its schema. dsn is
// the path of a SQLite file, or a postgres:// or postgresql:// URL; "" stands
// for DefaultFile. Within a span that is recorded, what is asked of the database
// gets child spans from tracers; nil means none. ctx bounds connecting and
// migrating. The caller closes the Store; when Open fails nothing stays open.
func Open(ctx context.Context, dsn string, tracers trace.TracerProvider) (*Store, error) {
	connector, dialect, err := newConnector(dsn)
	if err != nil {
		return nil, err
	}
	db := openPool(connector, dialect, tracers)
	db.SetMaxOpenConns(maxOpenConns)
	db.SetMaxIdleConns(maxIdleConns)
	db.SetConnMaxIdleTime(connMaxIdleTime)

	s := &Store{db: db, dialect: dialect}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", dialect.name, err), db.Close())
	}
	return s, nil
}

// DB returns the pool, for health checks and pool metrics. It belongs to the
// Store: do not close it.
func (s *Store) DB() *sql.DB { return s.db }

// Close waits for running queries and closes every connection.
func (s *Store) Close() error { return s.db.Close() }

// now is the current time at the precision the database keeps.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// micros and fromMicros convert between a time and its column. Both databases
// keep times as microseconds since 1970, because SQLite has no time type.
func micros(t time.Time) int64 { return t.UnixMicro() }

func fromMicros(us int64) time.Time { return time.UnixMicro(us).UTC() }
