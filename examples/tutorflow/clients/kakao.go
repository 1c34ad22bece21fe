package clients

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
)

// Kakao logs users in through Kakao OAuth.
type Kakao struct{ partner partner }

// NewKakao makes a client for the Kakao at base.
func NewKakao(client *http.Client, base string) *Kakao {
	return &Kakao{newPartner("kakao_oauth", base, client)}
}

// Login exchanges an authorization code for an access token and returns the
// user whom it belongs to. A refused code or token is an *Error; see Refused.
func (k *Kakao) Login(ctx context.Context, code string) (userID string, err error) {
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := k.partner.call(ctx, "token", http.MethodPost, "/oauth/token", header, []byte(form.Encode()), &answer); err != nil {
		return "", err
	}
	return k.User(ctx, answer.AccessToken)
}

// User returns the user whom an access token belongs to.
func (k *Kakao) User(ctx context.Context, token string) (userID string, err error) {
	header := http.Header{"Authorization": {"Bearer " + token}}
	var answer struct {
		ID int64 `json:"id"`
	}
	if err := k.partner.call(ctx, "user_info", http.MethodGet, "/v2/user/me", header, nil, &answer); err != nil {
		return "", err
	}
	return strconv.FormatInt(answer.ID, 10), nil
}

// Refused reports whether Kakao does not know the code or the token in question.
func Refused(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Service == "kakao_oauth" && (e.Status == http.StatusBadRequest || e.Status == http.StatusUnauthorized)
}
