package nethttp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// writer notes what a handler sends.
type writer struct {
	http.ResponseWriter
	// below is the writer under that of otelhttp, if there is one, and else the
	// same as ResponseWriter.
	below    http.ResponseWriter
	client   context.Context
	upgrades bool // 101 is a final status, as it is over HTTP/1 only.
	status   int
	written  int64 // Bytes of the body.
	gone     bool
	hijacked bool
}

// Unwrap gives http.ResponseController the wrapped writer.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader keeps a status that is not to be the one of the answer away from
// otelhttp, which would take it for that.
func (w *writer) WriteHeader(status int) {
	switch {
	case !w.open(), status == http.StatusSwitchingProtocols && !w.upgrades:
		w.below.WriteHeader(status)
		return
	case status < 100 || status > 999:
		panic(fmt.Sprintf("invalid WriteHeader code %v", status)) // The very panic of net/http.
	}
	w.ResponseWriter.WriteHeader(status)
	w.sent(status)
}

func (w *writer) Write(b []byte) (int, error) {
	w.sent(http.StatusOK)
	return w.count(w.ResponseWriter.Write(b))
}

// count notes how much of the body was written.
func (w *writer) count(n int, err error) (int, error) {
	w.written += int64(n)
	return n, err
}

// readFrom copies source to target, the wrapped writer. The status is noted
// first, since source may panic in the middle of the body, and taken back when
// nothing came: then the handler may still choose another.
func (w *writer) readFrom(target func(io.Reader) (int64, error), source io.Reader) (int64, error) {
	open := w.open()
	w.sent(http.StatusOK)
	n, err := target(source)
	w.written += n
	if open && n == 0 && !errors.Is(err, http.ErrContentLength) {
		w.status, w.gone = 0, false
	}
	return n, err
}

// sent notes the final status: the first one that is not informational. It also
// notes whether the client was gone by then, for a handler that fails because of
// that has not failed.
func (w *writer) sent(status int) {
	if w.status != 0 || status < 200 && status != http.StatusSwitchingProtocols {
		return
	}
	w.status = status
	w.gone = errors.Is(w.client.Err(), context.Canceled)
}

// open reports whether the status can still be chosen.
func (w *writer) open() bool { return w.status == 0 && !w.hijacked }

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
	if w.hijacked || w.status == http.StatusSwitchingProtocols {
		return true
	}
	const stream = "text/event-stream"
	// Indexed, since the canonical form of a constant name needs no computing.
	kinds := w.Header()["Content-Type"]
	return len(kinds) > 0 && len(kinds[0]) >= len(stream) && strings.EqualFold(kinds[0][:len(stream)], stream)
}
