package store

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"modernc.org/sqlite"
)

// dialect is what differs between the two databases. The queries themselves are
// portable: $n parameters, RETURNING, ON CONFLICT and partial unique indexes mean
// the same in both.
type dialect struct {
	name      string
	system    attribute.KeyValue // what spans call the database
	idColumn  string             // type of a primary key that numbers itself
	lock      string             // statement that lets one migrator in at a time, or ""
	forUpdate string             // clause that locks a row which was read, or "" where a transaction locks the file
}

var (
	errMemory = errors.New(`open sqlite: an in-memory database is private to one connection; give a file path`)
	errPath   = errors.New(`open sqlite: the file path holds a "?"; options are set by this package`)
	// errPostgresDSN stands for the parser's error, which quotes parts of the DSN.
	errPostgresDSN = errors.New("open postgres: the DSN is not a valid postgres:// URL")
)

// newConnector prepares connections to what dsn names without connecting.
func newConnector(dsn string) (driver.Connector, dialect, error) {
	scheme, _, isURL := strings.Cut(dsn, "://")
	switch {
	case isURL && (scheme == "postgres" || scheme == "postgresql"):
		return postgresConnector(dsn)
	case isURL:
		return nil, dialect{}, errors.New("open database: the DSN's scheme is unknown; allowed are a file path and postgres://")
	case dsn == "":
		return sqliteConnector(DefaultFile)
	}
	return sqliteConnector(dsn)
}

func postgresConnector(dsn string) (driver.Connector, dialect, error) {
	d := dialect{
		name:      "postgres",
		system:    semconv.DBSystemNamePostgreSQL,
		idColumn:  "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
		lock:      "SELECT pg_advisory_xact_lock(7420001)", // any number that other users of the database do not lock
		forUpdate: " FOR UPDATE",
	}
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, d, errPostgresDSN
	}
	return stdlib.GetConnector(*config), d, nil
}

func sqliteConnector(path string) (driver.Connector, dialect, error) {
	d := dialect{name: "sqlite", system: semconv.DBSystemNameSQLite, idColumn: "INTEGER PRIMARY KEY AUTOINCREMENT"}
	switch {
	case strings.Contains(path, ":memory:"):
		return nil, d, errMemory
	case strings.Contains(path, "?"):
		return nil, d, errPath
	}
	options := url.Values{
		// Readers do not wait for the writer, and a writer waits for the one
		// before it instead of failing at once.
		"_pragma": {"journal_mode(WAL)", "synchronous(NORMAL)", "busy_timeout(5000)", "foreign_keys(1)"},
		// A transaction takes the write lock when it begins: one that reads
		// first and writes later could not wait for it.
		"_txlock": {"immediate"},
	}
	connector, err := sqlite.NewConnector(path + "?" + options.Encode())
	if err != nil {
		return nil, d, fmt.Errorf("open sqlite: %w", err)
	}
	return connector, d, nil
}
