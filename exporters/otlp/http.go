package otlp

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"time"
)

// newClient makes a client with connections of its own.
func newClient(d *destination, rejected rejections) *http.Client {
	// HTTP/1 alone: exports come one after the other, a request that ends without
	// an answer takes its connection with it, so that none to a peer that vanished
	// is used again, and all connections can be closed at the end.
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	inner := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        d.tls,
		TLSHandshakeTimeout:    10 * time.Second,
		Protocols:              protocols,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: maxResponse,
	}
	if d.unix {
		inner.Proxy = nil
		inner.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", d.address)
		}
	}
	return &http.Client{
		Transport: &transport{inner, rejected},
		// Headers may hold credentials, which are for this destination alone.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// transport bounds the answers, has broken connections tried again, and takes
// the partial success out of an answer, so that the official exporter does not
// report it as an error.
type transport struct {
	*http.Transport
	rejected rejections
}

func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := t.Transport.RoundTrip(request)
	if err != nil {
		return nil, temporaryError(request.Context(), err)
	}
	success := response.StatusCode >= 200 && response.StatusCode <= 299
	// The status says all; what is missing of the body is only missed in an error.
	body, _ := io.ReadAll(io.LimitReader(response.Body, maxResponse))
	_ = response.Body.Close()
	switch {
	case !success:
		body = []byte(t.rejected.text(string(body), maxError))
	case response.Header.Get("Content-Type") == "application/x-protobuf" && t.rejected.take(request.Context(), body) == nil:
		body = nil
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	response.ContentLength = int64(len(body))
	return response, nil
}
