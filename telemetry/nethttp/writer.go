package nethttp

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// writer notes what a handler sends.
type writer struct {
	http.ResponseWriter
	client   context.Context
	status   int
	gone     bool
	hijacked bool
}

// Unwrap gives http.ResponseController the wrapped writer.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *writer) WriteHeader(status int) {
	w.ResponseWriter.WriteHeader(status)
	w.sent(status)
}

func (w *writer) Write(b []byte) (int, error) {
	w.sent(http.StatusOK)
	return w.ResponseWriter.Write(b)
}

// sent notes the final status: the first one that is not informational, where
// 101 is final as in net/http. It also notes whether the client was gone by
// then, for a handler that fails because of that has not failed.
func (w *writer) sent(status int) {
	if w.status != 0 || status < 200 && status != http.StatusSwitchingProtocols {
		return
	}
	w.status = status
	w.gone = errors.Is(w.client.Err(), context.Canceled)
}

// statusClientClosedRequest is nginx's code for a client that went away before
// it had its answer; there is no registered one.
const statusClientClosedRequest = 499

// outcome is the status that tells what happened to a request whose handler
// has returned.
func (w *writer) outcome() int {
	switch {
	case w.hijacked:
		return http.StatusSwitchingProtocols
	case w.status == 0 && errors.Is(w.client.Err(), context.Canceled), w.gone && w.status >= http.StatusInternalServerError:
		return statusClientClosedRequest
	case w.status == 0:
		return http.StatusOK
	}
	return w.status
}

// lasting reports whether the exchange goes on for as long as the two ends
// like, so that its duration is no latency.
func (w *writer) lasting() bool {
	const stream = "text/event-stream"
	kind := w.Header().Get("Content-Type")
	return w.hijacked || w.status == http.StatusSwitchingProtocols ||
		len(kind) >= len(stream) && strings.EqualFold(kind[:len(stream)], stream)
}
