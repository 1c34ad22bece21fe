package nethttp

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// correctClient puts right the client.address of the request's span, which
// otelhttp takes from X-Forwarded-For, whoever wrote that. It is the peer's
// address, or the one that a trusted peer names. The handler sees the header as
// it came, and so does Trusted.
func (s *Standard) correctClient(r *http.Request) {
	span := trace.SpanFromContext(r.Context())
	if forwarded := r.Header.Get("X-Forwarded-For"); forwarded != "" && span.IsRecording() {
		span.SetAttributes(attribute.String("client.address", s.client(r, forwarded)))
	}
}

func (s *Standard) client(r *http.Request, forwarded string) string {
	if !s.public(r) {
		first, _, _ := strings.Cut(forwarded, ",")
		// What follows % in an address of version 6 may be any text.
		if address, err := netip.ParseAddr(strings.TrimSpace(first)); err == nil {
			return address.WithZone("").String()
		}
	}
	peer, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return "" // A socket has no address; otelhttp has set one.
	}
	return peer
}
