package clients

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

// Toss moves money through Toss Payments. Amounts are in won.
type Toss struct{ partner partner }

// NewToss makes a client for the Toss Payments at base.
func NewToss(client *http.Client, base string) *Toss {
	return &Toss{newPartner("toss_payments", base, client)}
}

// Confirm charges the card behind paymentKey. A declined card is an *Error; see
// Declined.
func (t *Toss) Confirm(ctx context.Context, paymentKey, orderID string, amount int64) error {
	body := map[string]any{"paymentKey": paymentKey, "orderId": orderID, "amount": amount}
	return t.partner.postJSON(ctx, "confirm", "/v1/payments/confirm", body, nil)
}

// Cancel gives back amount of a confirmed payment.
func (t *Toss) Cancel(ctx context.Context, paymentKey, reason string, amount int64) error {
	body := map[string]any{"cancelReason": reason, "cancelAmount": amount}
	return t.partner.postJSON(ctx, "cancel", "/v1/payments/"+url.PathEscape(paymentKey)+"/cancel", body, nil)
}

// Declined reports whether the card company refused a payment, which is the
// customer's trouble and not a fault: Toss answers 403 then.
func Declined(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Service == "toss_payments" && e.Status == http.StatusForbidden
}
