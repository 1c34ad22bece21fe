package partners

import (
	"net/http"
	"time"
)

// toss stands in for confirming and cancelling a card payment.
func toss() routes {
	return routes{
		name: "toss_payments",
		handlers: map[string]http.HandlerFunc{
			"POST /v1/payments/confirm":      tossConfirm,
			"POST /v1/payments/{key}/cancel": tossCancel,
		},
		min: 30 * time.Millisecond,
		max: 150 * time.Millisecond,
	}
}

// declined is the rule by which the stand-in's card company refuses.
func declined(amount int64) bool { return amount%100 == 13 }

func tossConfirm(w http.ResponseWriter, r *http.Request) {
	var request struct {
		PaymentKey string `json:"paymentKey"`
		OrderID    string `json:"orderId"`
		Amount     int64  `json:"amount"`
	}
	if !decode(w, r, &request) {
		return
	}
	switch {
	case request.PaymentKey == "" || request.OrderID == "" || request.Amount < 1:
		refuse(w, http.StatusBadRequest, "INVALID_REQUEST", "paymentKey, orderId and amount are required")
	case declined(request.Amount):
		refuse(w, http.StatusForbidden, "REJECT_CARD_COMPANY", "the card company declined the payment")
	default:
		answer(w, http.StatusOK, map[string]any{
			"paymentKey":  request.PaymentKey,
			"orderId":     request.OrderID,
			"totalAmount": request.Amount,
			"status":      "DONE",
		})
	}
}

func tossCancel(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Reason string `json:"cancelReason"`
		Amount int64  `json:"cancelAmount"`
	}
	if !decode(w, r, &request) {
		return
	}
	if request.Reason == "" || request.Amount < 1 {
		refuse(w, http.StatusBadRequest, "INVALID_REQUEST", "cancelReason and cancelAmount are required")
		return
	}
	answer(w, http.StatusOK, map[string]any{
		"paymentKey":   r.PathValue("key"),
		"cancelAmount": request.Amount,
		"status":       "CANCELED",
	})
}
