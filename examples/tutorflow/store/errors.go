package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// The errors a caller can react to; test for them with errors.Is.
var (
	// ErrNotFound says that no row has the given id.
	ErrNotFound = errors.New("not found")
	// ErrConflict says that the state of the data forbids the operation.
	ErrConflict = errors.New("conflict")
	// ErrInvalid says that an argument is outside of what the schema allows.
	ErrInvalid = errors.New("invalid")
)

// TransitionError says that a booking cannot go from one status to another. It
// is an ErrConflict.
type TransitionError struct {
	BookingID int64
	From, To  BookingStatus
}

// Error names the booking and both statuses.
func (e *TransitionError) Error() string {
	return fmt.Sprintf("booking %d cannot go from %s to %s", e.BookingID, e.From, e.To)
}

// Is makes errors.Is(err, ErrConflict) true.
func (e *TransitionError) Is(target error) bool { return target == ErrConflict }

// The SQLSTATE of two broken constraints, from appendix A of the PostgreSQL manual.
const (
	uniqueViolation     = "23505"
	foreignKeyViolation = "23503"
)

// wrap says what was being done when err happened and translates what the
// drivers say in their own way: a row that is missing or was referred to and is
// missing, a broken unique constraint, and a query that ended with its context.
func wrap(ctx context.Context, doing string, err error) error {
	if err == nil {
		return nil
	}
	if known := translate(err); known != nil {
		err = known
	} else if ctx.Err() != nil {
		err = ctx.Err()
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// translate returns the sentinel that err stands for, or nil.
func translate(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch e.Code {
		case uniqueViolation:
			return ErrConflict
		case foreignKeyViolation:
			return ErrNotFound
		}
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() {
		case sqlite3.SQLITE_CONSTRAINT_UNIQUE:
			return ErrConflict
		case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
			return ErrNotFound
		}
	}
	return nil
}
