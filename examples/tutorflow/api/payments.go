package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/tutorflow/observability/examples/tutorflow/clients"
	"github.com/tutorflow/observability/examples/tutorflow/store"
)

// The least and the most that can be paid at once, in won.
const (
	minAmount = 100
	maxAmount = 10_000_000
)

func (a *API) createPayment(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		BookingID  int64  `json:"booking_id"`
		PaymentKey string `json:"payment_key"`
		Amount     int64  `json:"amount"`
	}
	if err := decode(w, r, &body); err != nil {
		return err
	}
	switch {
	case body.BookingID < 1:
		return invalid("booking_id", "a positive whole number")
	case !isPaymentKey(body.PaymentKey):
		return invalid("payment_key", "1 to 200 letters, digits, - and _")
	case body.Amount < minAmount || body.Amount > maxAmount:
		return invalid("amount", "100 to 10000000")
	}
	payment, err := a.store.CreatePayment(r.Context(), body.BookingID, body.PaymentKey, body.Amount)
	if err != nil {
		return err
	}
	a.paymentChanged(r.Context(), payment)
	if payment, err = a.confirm(r.Context(), payment); err != nil {
		return err
	}
	if booking, err := a.store.Booking(r.Context(), payment.BookingID); err == nil {
		a.notify(r.Context(), booking.StudentID, "payment_received")
	}
	answer(w, http.StatusCreated, payment)
	return nil
}

// confirm charges the card and settles the payment accordingly. Once it has
// begun it is not cut short by a client that hangs up, since the card may be
// charged by then.
func (a *API) confirm(ctx context.Context, payment store.Payment) (store.Payment, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	orderID := fmt.Sprintf("booking-%d-payment-%d", payment.BookingID, payment.ID)
	charge := a.partners.Toss.Confirm(ctx, payment.PaymentKey, orderID, payment.Amount)
	status := store.PaymentPaid
	if charge != nil {
		status = store.PaymentFailed
	}
	if charge != nil && !clients.Declined(charge) {
		charge = fromPartner(charge)
	}
	settled, err := a.store.SettlePayment(ctx, payment.ID, status)
	if err != nil {
		return payment, errors.Join(charge, err)
	}
	a.paymentChanged(ctx, settled)
	return settled, charge
}

func isPaymentKey(s string) bool {
	odd := strings.ContainsFunc(s, func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	return s != "" && len(s) <= 200 && !odd
}
