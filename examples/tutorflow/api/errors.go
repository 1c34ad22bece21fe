package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/tutorflow/observability/examples/tutorflow/clients"
	"github.com/tutorflow/observability/examples/tutorflow/store"
)

// statusClientGone is what proxies log when the client hung up; nobody reads it.
const statusClientGone = 499

// problem is an error whose text is for the client.
type problem struct {
	status  int
	code    string
	message string
}

func (p *problem) Error() string { return p.message }

// invalid is the problem of a value that is out of range.
func invalid(field, allowed string) error {
	return &problem{http.StatusUnprocessableEntity, "invalid", fmt.Sprintf("%s must be %s", field, allowed)}
}

// refuse answers with what err stands for and reports it unless it is the
// client's doing.
func (a *API) refuse(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(r.Context(), err)
	if p.status >= http.StatusInternalServerError {
		a.tel.RecordError(r.Context(), err)
	}
	if p.status == statusClientGone {
		w.WriteHeader(p.status)
		return
	}
	answer(w, p.status, map[string]any{"error": map[string]string{"code": p.code, "message": p.message}})
}

func problemOf(ctx context.Context, err error) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	if e, ok := errors.AsType[*store.TransitionError](err); ok {
		return &problem{http.StatusConflict, "conflict", e.Error()}
	}
	_, partner := errors.AsType[*partnerError](err)
	switch {
	case errors.Is(ctx.Err(), context.Canceled) && errors.Is(err, context.Canceled):
		return &problem{statusClientGone, "", ""}
	case clients.Declined(err):
		return &problem{http.StatusPaymentRequired, "declined", "the card was declined"}
	case clients.Refused(err):
		return &problem{http.StatusUnauthorized, "unauthorized", "Kakao refused the login"}
	case partner && errors.Is(err, context.DeadlineExceeded):
		return &problem{http.StatusGatewayTimeout, "partner_timeout", "a partner did not answer in time"}
	case partner:
		return &problem{http.StatusBadGateway, "partner_failed", "a partner failed"}
	case errors.Is(err, store.ErrNotFound):
		return &problem{http.StatusNotFound, "not_found", "there is no such thing"}
	case errors.Is(err, store.ErrConflict):
		return &problem{http.StatusConflict, "conflict", "the current state does not allow it"}
	case errors.Is(err, store.ErrInvalid):
		return &problem{http.StatusUnprocessableEntity, "invalid", "a value is out of range"}
	}
	return &problem{http.StatusInternalServerError, "internal", "something went wrong"}
}

// PartnerFailed is the error type of the trouble that a partner makes.
const PartnerFailed = "partner_failed"

// partnerError marks an error as the trouble of a partner.
type partnerError struct{ error }

func (e *partnerError) Unwrap() error { return e.error }

// ErrorType sorts the error for the label error_type.
func (e *partnerError) ErrorType() string { return PartnerFailed }

func fromPartner(err error) error {
	if err == nil {
		return nil
	}
	return &partnerError{err}
}
