package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/tutorflow/observability/examples/tutorflow/clients"
	"github.com/tutorflow/observability/telemetry"
)

const (
	// demoUser is who books without logging in.
	demoUser = "demo"
	// notifyTimeout is how long a request waits for a message to be taken.
	notifyTimeout = 2 * time.Second
)

// user finds out from Kakao who sent the request.
func (a *API) user(r *http.Request) (string, error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return demoUser, nil
	}
	scheme, credential, _ := strings.Cut(header, " ")
	var user string
	var err error
	switch strings.ToLower(scheme) {
	case "bearer":
		user, err = a.partners.Kakao.User(r.Context(), credential)
	case "kakao":
		user, err = a.partners.Kakao.Login(r.Context(), credential)
	default:
		return "", &problem{http.StatusUnauthorized, "unauthorized", "the Authorization must be Bearer or Kakao"}
	}
	if err != nil {
		if !clients.Refused(err) {
			err = fromPartner(err)
		}
		return "", err
	}
	telemetry.WithUser(r.Context(), user)
	return user, nil
}

// notify sends a message to a user, the client having hung up or not. What
// happened stands without it, so a failure is reported and nothing else.
func (a *API) notify(ctx context.Context, user, template string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), notifyTimeout)
	defer cancel()
	if err := a.partners.Alimtalk.Send(ctx, user, template); err != nil {
		a.tel.RecordError(ctx, fromPartner(err))
	}
}
