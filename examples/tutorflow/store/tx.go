package store

import (
	"context"
	"database/sql"
	"errors"
)

// inTx runs do in a transaction, which is committed when do returns nil and
// rolled back otherwise. In SQLite one transaction runs at a time.
func (s *Store) inTx(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return wrap(ctx, "begin transaction", err)
	}
	if err := do(tx); err != nil {
		// A transaction whose context has ended was rolled back already.
		if undo := tx.Rollback(); !errors.Is(undo, sql.ErrTxDone) {
			err = errors.Join(err, undo)
		}
		return err
	}
	return wrap(ctx, "commit transaction", tx.Commit())
}

// row is what *sql.Row and *sql.Rows have in common.
type row interface{ Scan(dest ...any) error }
