package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

// migrations are applied in the order of their names, each once. ID_COLUMN
// stands for the dialect's numbered primary key.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date in one transaction, so that a failed
// migration leaves nothing behind and two services may start at once.
func (s *Store) migrate(ctx context.Context) error {
	return s.inTx(ctx, func(tx *sql.Tx) error { return s.applyMigrations(ctx, tx) })
}

func (s *Store) applyMigrations(ctx context.Context, tx *sql.Tx) error {
	if s.dialect.lock != "" {
		if _, err := tx.ExecContext(ctx, s.dialect.lock); err != nil {
			return wrap(ctx, "lock migrations", err)
		}
	}
	const create = `CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT PRIMARY KEY)`
	if _, err := tx.ExecContext(ctx, create); err != nil {
		return wrap(ctx, "create schema_migrations", err)
	}
	names, err := fs.Glob(migrations, "migrations/*.sql") // sorted
	if err != nil {
		return fmt.Errorf("list migrations: %w", err)
	}
	for _, name := range names {
		if err := s.applyMigration(ctx, tx, name); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) applyMigration(ctx context.Context, tx *sql.Tx, name string) error {
	result, err := tx.ExecContext(ctx, `INSERT INTO schema_migrations (name) VALUES ($1) ON CONFLICT DO NOTHING`, name)
	if err != nil {
		return wrap(ctx, "record "+name, err)
	}
	if added, err := result.RowsAffected(); err != nil || added == 0 {
		return wrap(ctx, "record "+name, err)
	}
	text, err := migrations.ReadFile(name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	// pgx prepares one statement at a time, so a file is split. None of them
	// holds a semicolon inside a literal.
	for statement := range strings.SplitSeq(strings.ReplaceAll(string(text), "ID_COLUMN", s.dialect.idColumn), ";") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return wrap(ctx, "apply "+name, err)
		}
	}
	return nil
}
