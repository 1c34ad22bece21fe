package partners

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// kakao stands in for the two calls of a Kakao login.
func kakao() routes {
	return routes{
		name: "kakao_oauth",
		handlers: map[string]http.HandlerFunc{
			"POST /oauth/token": kakaoToken,
			"GET /v2/user/me":   kakaoUser,
		},
		min: 10 * time.Millisecond,
		max: 60 * time.Millisecond,
	}
}

func kakaoToken(w http.ResponseWriter, r *http.Request) {
	user, ok := userNumber(r.PostFormValue("code"), "code-")
	if !ok || r.PostFormValue("grant_type") != "authorization_code" {
		refuse(w, http.StatusBadRequest, "KOE320", "authorization code not found")
		return
	}
	answer(w, http.StatusOK, map[string]any{
		"token_type":   "bearer",
		"access_token": "kakao-" + strconv.FormatUint(user, 10),
		"expires_in":   21599,
	})
}

func kakaoUser(w http.ResponseWriter, r *http.Request) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	user, ok := userNumber(token, "kakao-")
	if !ok {
		refuse(w, http.StatusUnauthorized, "-401", "this access token does not exist")
		return
	}
	answer(w, http.StatusOK, map[string]uint64{"id": user})
}

// userNumber finds the user whom a code or a token stands for.
func userNumber(s, prefix string) (uint64, bool) {
	digits, ok := strings.CutPrefix(s, prefix)
	user, err := strconv.ParseUint(digits, 10, 63)
	return user, ok && err == nil
}
