package partners

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
)

// maxBody is far above anything that TutorFlow sends.
const maxBody = 64 << 10

func readBody(w http.ResponseWriter, r *http.Request) (io.ReadCloser, bool) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		refuse(w, http.StatusBadRequest, "INVALID_REQUEST", "the body cannot be read")
		return nil, false
	}
	return io.NopCloser(bytes.NewReader(data)), true
}

func decode(w http.ResponseWriter, r *http.Request, into any) bool {
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		refuse(w, http.StatusBadRequest, "INVALID_REQUEST", "the body is not the expected JSON")
		return false
	}
	return true
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client is gone when this fails
}

// refuse answers with the shape of error that Toss uses: a code and a message.
func refuse(w http.ResponseWriter, status int, code, message string) {
	answer(w, status, map[string]string{"code": code, "message": message})
}
