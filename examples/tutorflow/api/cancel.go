package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/tutorflow/observability/examples/tutorflow/store"
)

const (
	// freeCancellation is how long before a lesson its whole price is given
	// back; later it is half.
	freeCancellation = 24 * time.Hour
	// settleTimeout bounds what must be finished although the client may be gone.
	settleTimeout = 8 * time.Second
)

// cancelBooking cancels a booking and gives the money back. The cancellation
// stands even when the refund fails: the payment then stays as it was, for an
// operator to settle.
func (a *API) cancelBooking(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "booking_id")
	if err != nil {
		return err
	}
	booking, err := a.store.MoveBooking(r.Context(), id, store.BookingCancelled)
	if err != nil {
		return err
	}
	a.bookingChanged(r.Context(), booking)

	body := struct {
		store.Booking
		Payment *store.Payment `json:"payment,omitempty"`
	}{Booking: booking}
	payment, err := a.refund(r.Context(), booking)
	switch {
	case err == nil:
		body.Payment = &payment
	case !errors.Is(err, store.ErrNotFound): // it had been paid for
		a.tel.RecordError(r.Context(), err)
	}
	a.notify(r.Context(), booking.StudentID, "booking_cancelled")
	answer(w, http.StatusOK, body)
	return nil
}

// refund gives back what the student paid for a booking, and is not cut short
// by a client that hangs up. store.ErrNotFound says that nothing was paid.
func (a *API) refund(ctx context.Context, booking store.Booking) (store.Payment, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	payment, err := a.store.PaymentOf(ctx, booking.ID)
	if err != nil {
		return payment, err
	}
	if payment.Status != store.PaymentPaid {
		return payment, fmt.Errorf("refund booking %d: its payment is %s: %w", booking.ID, payment.Status, store.ErrConflict)
	}
	amount := payment.Amount
	if time.Until(booking.StartsAt) < freeCancellation {
		amount = (amount + 1) / 2
	}
	if err := a.partners.Toss.Cancel(ctx, payment.PaymentKey, "the booking was cancelled", amount); err != nil {
		return payment, fromPartner(err)
	}
	if payment, err = a.store.RefundPayment(ctx, payment.ID, amount); err != nil {
		return payment, err
	}
	a.paymentChanged(ctx, payment)
	return payment, nil
}
