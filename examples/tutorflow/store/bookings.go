package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// The shortest and the longest lesson, in minutes.
const (
	MinMinutes = 30
	MaxMinutes = 240
)

// Booking is a lesson that a student asked a tutor for. Times are UTC.
type Booking struct {
	ID        int64         `json:"booking_id"`
	TutorID   int64         `json:"tutor_id"`
	StudentID string        `json:"student_id"`
	StartsAt  time.Time     `json:"starts_at"`
	Minutes   int           `json:"minutes"`
	Status    BookingStatus `json:"status"`
	CreatedAt time.Time     `json:"created_at"`
	UpdatedAt time.Time     `json:"updated_at"`
}

// NewBooking is what a booking is made from.
type NewBooking struct {
	TutorID   int64
	StudentID string
	StartsAt  time.Time
	Minutes   int
}

const bookingColumns = `id, tutor_id, student_id, starts_at, minutes, status, created_at, updated_at`

func scanBooking(r row) (Booking, error) {
	var b Booking
	var starts, created, updated int64
	err := r.Scan(&b.ID, &b.TutorID, &b.StudentID, &starts, &b.Minutes, &b.Status, &created, &updated)
	b.StartsAt, b.CreatedAt, b.UpdatedAt = fromMicros(starts), fromMicros(created), fromMicros(updated)
	return b, err
}

// CreateBooking adds a pending booking. It returns ErrInvalid for a lesson
// without a student or of a length that is not offered, ErrNotFound when there is no such tutor
// and ErrConflict when the tutor already has a live booking that starts then.
func (s *Store) CreateBooking(ctx context.Context, n NewBooking) (Booking, error) {
	if n.StudentID == "" || n.Minutes < MinMinutes || n.Minutes > MaxMinutes {
		return Booking{}, fmt.Errorf("create booking: student %q, %d minutes: %w", n.StudentID, n.Minutes, ErrInvalid)
	}
	const insert = `INSERT INTO bookings (tutor_id, student_id, starts_at, minutes, status, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING ` + bookingColumns
	b, err := scanBooking(s.db.QueryRowContext(ctx, insert,
		n.TutorID, n.StudentID, micros(n.StartsAt), n.Minutes, BookingPending, micros(now())))
	return b, wrap(ctx, "create booking", err)
}

// Booking returns one booking, or ErrNotFound.
func (s *Store) Booking(ctx context.Context, id int64) (Booking, error) {
	b, err := scanBooking(s.db.QueryRowContext(ctx, `SELECT `+bookingColumns+` FROM bookings WHERE id = $1`, id))
	return b, wrap(ctx, fmt.Sprintf("get booking %d", id), err)
}

// MaxPage is the most bookings that one page of a listing holds.
const MaxPage = 100

// BookingPage selects one page of a listing.
type BookingPage struct {
	Status BookingStatus // "" for all
	Before int64         // only ids below this one; 0 for the first page
	Limit  int           // 1 to MaxPage
}

// Bookings lists bookings, the newest first. It returns ErrInvalid for a page
// that is out of range.
func (s *Store) Bookings(ctx context.Context, page BookingPage) ([]Booking, error) {
	if page.Limit < 1 || page.Limit > MaxPage || page.Before < 0 || (page.Status != "" && !page.Status.Valid()) {
		return nil, fmt.Errorf("list bookings: limit %d, before %d, status %q: %w", page.Limit, page.Before, page.Status, ErrInvalid)
	}
	where, args := []string{"TRUE"}, []any{page.Limit}
	if page.Before > 0 {
		args = append(args, page.Before)
		where = append(where, fmt.Sprintf("id < $%d", len(args)))
	}
	if page.Status != "" {
		args = append(args, page.Status)
		where = append(where, fmt.Sprintf("status = $%d", len(args)))
	}
	query := `SELECT ` + bookingColumns + ` FROM bookings WHERE ` + strings.Join(where, " AND ") + ` ORDER BY id DESC LIMIT $1`
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, wrap(ctx, "list bookings", err)
	}
	bookings, err := collect(rows, page.Limit)
	return bookings, wrap(ctx, "list bookings", err)
}

func collect(rows *sql.Rows, limit int) (_ []Booking, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	bookings := make([]Booking, 0, limit)
	for rows.Next() {
		b, err := scanBooking(rows)
		if err != nil {
			return nil, err
		}
		bookings = append(bookings, b)
	}
	return bookings, rows.Err()
}

// MoveBooking takes a booking to another status. It returns ErrNotFound when
// there is no such booking and a *TransitionError when the way is not open.
func (s *Store) MoveBooking(ctx context.Context, id int64, to BookingStatus) (Booking, error) {
	var b Booking
	err := s.inTx(ctx, func(tx *sql.Tx) (err error) {
		if b, err = s.lockBooking(ctx, tx, id); err != nil {
			return err
		}
		return moveLocked(ctx, tx, &b, to)
	})
	return b, err
}

// lockBooking reads a booking that no other transaction may change until tx ends.
func (s *Store) lockBooking(ctx context.Context, tx *sql.Tx, id int64) (Booking, error) {
	b, err := scanBooking(tx.QueryRowContext(ctx, `SELECT `+bookingColumns+` FROM bookings WHERE id = $1`+s.dialect.forUpdate, id))
	return b, wrap(ctx, fmt.Sprintf("get booking %d", id), err)
}

func moveLocked(ctx context.Context, tx *sql.Tx, b *Booking, to BookingStatus) error {
	if !b.Status.CanBecome(to) {
		return &TransitionError{BookingID: b.ID, From: b.Status, To: to}
	}
	b.Status, b.UpdatedAt = to, now()
	_, err := tx.ExecContext(ctx, `UPDATE bookings SET status = $1, updated_at = $2 WHERE id = $3`, to, micros(b.UpdatedAt), b.ID)
	return wrap(ctx, fmt.Sprintf("move booking %d to %s", b.ID, to), err)
}
