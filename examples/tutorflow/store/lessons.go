package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Attendance says whether the student of a booking came. Times are UTC.
type Attendance struct {
	ID        int64            `json:"attendance_id"`
	BookingID int64            `json:"booking_id"`
	Status    AttendanceStatus `json:"status"`
	CreatedAt time.Time        `json:"created_at"`
}

// MarkAttendance marks the attendance of an approved booking, which then is in
// progress when the student came and cancelled otherwise. It returns the mark
// and the changed booking, ErrInvalid for an unknown status, ErrNotFound when
// there is no such booking and ErrConflict when it is not approved.
func (s *Store) MarkAttendance(ctx context.Context, bookingID int64, status AttendanceStatus) (Attendance, Booking, error) {
	if !status.Valid() {
		return Attendance{}, Booking{}, fmt.Errorf("mark attendance %q: %w", status, ErrInvalid)
	}
	next := BookingCancelled
	if status == Attended {
		next = BookingInProgress
	}
	var a Attendance
	var b Booking
	err := s.inTx(ctx, func(tx *sql.Tx) (err error) {
		if b, err = s.lockBooking(ctx, tx, bookingID); err != nil {
			return err
		}
		if b.Status != BookingApproved {
			return &TransitionError{BookingID: b.ID, From: b.Status, To: next}
		}
		if err := moveLocked(ctx, tx, &b, next); err != nil {
			return err
		}
		a = Attendance{BookingID: bookingID, Status: status, CreatedAt: b.UpdatedAt}
		const insert = `INSERT INTO attendance (booking_id, status, created_at) VALUES ($1, $2, $3) RETURNING id`
		err = tx.QueryRowContext(ctx, insert, a.BookingID, a.Status, micros(a.CreatedAt)).Scan(&a.ID)
		return wrap(ctx, "mark attendance", err)
	})
	return a, b, err
}

// Review is what a student thought of a lesson. Times are UTC.
type Review struct {
	ID        int64     `json:"review_id"`
	BookingID int64     `json:"booking_id"`
	TutorID   int64     `json:"tutor_id"`
	Rating    int       `json:"rating"`
	Comment   string    `json:"comment"`
	CreatedAt time.Time `json:"created_at"`
}

// CreateReview adds the review of a lesson in progress, which is completed by
// it. rating is 1 to 5. It returns the review and the changed booking,
// ErrInvalid for another rating, ErrNotFound when there is no such booking and
// a *TransitionError when the lesson has not begun or was reviewed before.
func (s *Store) CreateReview(ctx context.Context, bookingID int64, rating int, comment string) (Review, Booking, error) {
	if rating < 1 || rating > 5 {
		return Review{}, Booking{}, fmt.Errorf("create review: rating %d: %w", rating, ErrInvalid)
	}
	var r Review
	var b Booking
	err := s.inTx(ctx, func(tx *sql.Tx) (err error) {
		if b, err = s.lockBooking(ctx, tx, bookingID); err != nil {
			return err
		}
		if err := moveLocked(ctx, tx, &b, BookingCompleted); err != nil {
			return err
		}
		r = Review{BookingID: b.ID, TutorID: b.TutorID, Rating: rating, Comment: comment, CreatedAt: b.UpdatedAt}
		const insert = `INSERT INTO reviews (booking_id, tutor_id, rating, comment, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING id`
		err = tx.QueryRowContext(ctx, insert, r.BookingID, r.TutorID, r.Rating, r.Comment, micros(r.CreatedAt)).Scan(&r.ID)
		return wrap(ctx, "create review", err)
	})
	return r, b, err
}
