package store

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // the "sqlite" driver
)

// dialect is what differs between the two databases. The queries themselves are
// portable: $n parameters, RETURNING, ON CONFLICT and partial unique indexes mean
// the same in both.
type dialect struct {
	name      string
	idColumn  string // type of a primary key that numbers itself
	lock      string // statement that lets one migrator in at a time, or ""
	forUpdate string // clause that locks a row which was read, or "" where a transaction locks the file
}

var (
	errMemory = errors.New(`open sqlite: an in-memory database is private to one connection; give a file path`)
	errPath   = errors.New(`open sqlite: the file path holds a "?"; options are set by this package`)
	// errPostgresDSN stands for the parser's error, which quotes parts of the DSN.
	errPostgresDSN = errors.New("open postgres: the DSN is not a valid postgres:// URL")
)

// openDB prepares a pool for dsn without connecting.
func openDB(dsn string) (*sql.DB, dialect, error) {
	scheme, _, isURL := strings.Cut(dsn, "://")
	switch {
	case isURL && (scheme == "postgres" || scheme == "postgresql"):
		return openPostgres(dsn)
	case isURL:
		return nil, dialect{}, errors.New("open database: the DSN's scheme is unknown; allowed are a file path and postgres://")
	case dsn == "":
		return openSQLite(DefaultFile)
	}
	return openSQLite(dsn)
}

func openPostgres(dsn string) (*sql.DB, dialect, error) {
	d := dialect{
		name:      "postgres",
		idColumn:  "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
		lock:      "SELECT pg_advisory_xact_lock(7420001)", // any number that other users of the database do not lock
		forUpdate: " FOR UPDATE",
	}
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, d, errPostgresDSN
	}
	return stdlib.OpenDB(*config), d, nil
}

func openSQLite(path string) (*sql.DB, dialect, error) {
	d := dialect{name: "sqlite", idColumn: "INTEGER PRIMARY KEY AUTOINCREMENT"}
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
	db, err := sql.Open("sqlite", path+"?"+options.Encode())
	if err != nil {
		return nil, d, fmt.Errorf("open sqlite: %w", err)
	}
	return db, d, nil
}
