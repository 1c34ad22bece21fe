package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Payment is money for one booking, in won. Times are UTC.
type Payment struct {
	ID         int64         `json:"payment_id"`
	BookingID  int64         `json:"booking_id"`
	PaymentKey string        `json:"payment_key"`
	Amount     int64         `json:"amount"`
	Refunded   int64         `json:"refunded"`
	Status     PaymentStatus `json:"status"`
	CreatedAt  time.Time     `json:"created_at"`
	UpdatedAt  time.Time     `json:"updated_at"`
}

const paymentColumns = `id, booking_id, payment_key, amount, refunded, status, created_at, updated_at`

func scanPayment(r row) (Payment, error) {
	var p Payment
	var created, updated int64
	err := r.Scan(&p.ID, &p.BookingID, &p.PaymentKey, &p.Amount, &p.Refunded, &p.Status, &created, &updated)
	p.CreatedAt, p.UpdatedAt = fromMicros(created), fromMicros(updated)
	return p, err
}

// CreatePayment adds a pending payment for an approved booking or a lesson that
// has begun. It returns ErrInvalid for an empty key or an amount below 1,
// ErrNotFound when there is no such booking, and ErrConflict when the booking
// is in another status or has a payment that did not fail.
func (s *Store) CreatePayment(ctx context.Context, bookingID int64, key string, amount int64) (Payment, error) {
	if key == "" || amount < 1 {
		return Payment{}, fmt.Errorf("create payment: key of %d bytes, amount %d: %w", len(key), amount, ErrInvalid)
	}
	var p Payment
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		b, err := s.lockBooking(ctx, tx, bookingID)
		if err != nil {
			return err
		}
		if b.Status != BookingApproved && b.Status != BookingInProgress {
			return fmt.Errorf("create payment: booking %d is %s: %w", b.ID, b.Status, ErrConflict)
		}
		const insert = `INSERT INTO payments (booking_id, payment_key, amount, refunded, status, created_at, updated_at)
			VALUES ($1, $2, $3, 0, $4, $5, $5) RETURNING ` + paymentColumns
		p, err = scanPayment(tx.QueryRowContext(ctx, insert, bookingID, key, amount, PaymentPending, micros(now())))
		return wrap(ctx, "create payment", err)
	})
	return p, err
}

// SettlePayment takes a pending payment to PaymentPaid or PaymentFailed. It
// returns ErrInvalid for any other status, ErrNotFound when there is no such
// payment and ErrConflict when it is not pending.
func (s *Store) SettlePayment(ctx context.Context, id int64, to PaymentStatus) (Payment, error) {
	if to != PaymentPaid && to != PaymentFailed {
		return Payment{}, fmt.Errorf("settle payment %d as %q: %w", id, to, ErrInvalid)
	}
	const update = `UPDATE payments SET status = $1, updated_at = $2
		WHERE id = $3 AND status = 'pending' RETURNING ` + paymentColumns
	p, err := scanPayment(s.db.QueryRowContext(ctx, update, to, micros(now()), id))
	return p, s.paymentError(ctx, "settle", id, err)
}

// RefundPayment gives back a part of a payment; what it then is, refunded or
// partially refunded, follows from the sum. It returns ErrInvalid for an amount
// below 1, ErrNotFound when there is no such payment and ErrConflict when it
// was not paid or less than amount is left.
func (s *Store) RefundPayment(ctx context.Context, id, amount int64) (Payment, error) {
	if amount < 1 {
		return Payment{}, fmt.Errorf("refund payment %d: amount %d: %w", id, amount, ErrInvalid)
	}
	const update = `UPDATE payments SET refunded = refunded + $1, updated_at = $2,
			status = CASE WHEN refunded + $1 = amount THEN 'refunded' ELSE 'partially_refunded' END
		WHERE id = $3 AND status IN ('paid', 'partially_refunded') AND refunded + $1 <= amount
		RETURNING ` + paymentColumns
	p, err := scanPayment(s.db.QueryRowContext(ctx, update, amount, micros(now()), id))
	return p, s.paymentError(ctx, "refund", id, err)
}

// PaymentOf returns the payment of a booking that did not fail, or ErrNotFound.
func (s *Store) PaymentOf(ctx context.Context, bookingID int64) (Payment, error) {
	p, err := scanPayment(s.db.QueryRowContext(ctx,
		`SELECT `+paymentColumns+` FROM payments WHERE booking_id = $1 AND status <> 'failed'`, bookingID))
	return p, wrap(ctx, fmt.Sprintf("get payment of booking %d", bookingID), err)
}

// paymentError explains why a conditional update changed nothing: there is no
// such payment, or it is in the wrong state.
func (s *Store) paymentError(ctx context.Context, verb string, id int64, err error) error {
	doing := fmt.Sprintf("%s payment %d", verb, id)
	if !errors.Is(err, sql.ErrNoRows) {
		return wrap(ctx, doing, err)
	}
	var status PaymentStatus
	if err := s.db.QueryRowContext(ctx, `SELECT status FROM payments WHERE id = $1`, id).Scan(&status); err != nil {
		return wrap(ctx, doing, err)
	}
	return fmt.Errorf("%s, which is %s: %w", doing, status, ErrConflict)
}
