package traffic

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// client sends requests to one API.
type client struct {
	base string // ends in a slash
	http *http.Client
}

// request is what is sent, and what becomes of the answer.
type request struct {
	method, path  string // path without the leading slash
	body          string
	authorization string
	then          func(status int, bookingID int64) // status 0 stands for no answer; may be nil
}

func (r request) send(ctx context.Context, c *client) {
	status, bookingID := r.do(ctx, c)
	if r.then != nil {
		r.then(status, bookingID)
	}
}

func (r request) do(ctx context.Context, c *client) (status int, bookingID int64) {
	out, err := http.NewRequestWithContext(ctx, r.method, c.base+r.path, strings.NewReader(r.body))
	if err != nil {
		return 0, 0
	}
	out.Header.Set("User-Agent", "tutorflow-traffic")
	if r.body != "" {
		out.Header.Set("Content-Type", "application/json")
	}
	if r.authorization != "" {
		out.Header.Set("Authorization", r.authorization)
	}
	response, err := c.http.Do(out)
	if err != nil {
		return 0, 0
	}
	defer response.Body.Close()
	var answer struct {
		BookingID int64 `json:"booking_id"`
	}
	_ = json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&answer) // an error has no id
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20))          // lets the connection be used again
	return response.StatusCode, answer.BookingID
}
