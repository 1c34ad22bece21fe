package partners

import (
	"net/http"
	"time"
)

// alimtalk stands in for sending a message to a Kakao Talk user.
func alimtalk() routes {
	return routes{
		name:     "kakao_alimtalk",
		handlers: map[string]http.HandlerFunc{"POST /alimtalk/v2/messages": alimtalkSend},
		min:      10 * time.Millisecond,
		max:      90 * time.Millisecond,
	}
}

func alimtalkSend(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Recipient string `json:"recipient"`
		Template  string `json:"templateCode"`
	}
	if !decode(w, r, &request) {
		return
	}
	if request.Recipient == "" || request.Template == "" {
		refuse(w, http.StatusBadRequest, "INVALID_REQUEST", "recipient and templateCode are required")
		return
	}
	answer(w, http.StatusAccepted, map[string]string{"resultCode": "0"})
}
