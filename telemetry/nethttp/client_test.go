package nethttp_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/tutorflow/observability/telemetry/nethttp"
)

func TestClientAddressIsNotWhatStrangersWrite(t *testing.T) {
	const peer = "127.0.0.1"
	for name, test := range map[string]struct{ forwarded, trusted string }{
		"a script":                      {"6.6.6.6<script>", peer},
		"an address":                    {"203.0.113.7", "203.0.113.7"},
		"an address of version 6":       {"2001:DB8::1", "2001:db8::1"},
		"the first of many addresses":   {" 203.0.113.7 , 10.0.0.1", "203.0.113.7"},
		"a script in an address's zone": {"fe80::1%<script>", "fe80::1"},
		"an address and port":           {"203.0.113.7:80", peer},
		"a name":                        {"unknown", peer},
		"nothing before the comma":      {",203.0.113.7", peer},
		"bytes that are not UTF-8":      {"\xff\xfe", peer},
		"a long text":                   {strings.Repeat("1", 100_000), peer},
	} {
		for trusted, want := range map[bool]string{false: peer, true: test.trusted} {
			t.Run(fmt.Sprintf("%s, trusted: %t", name, trusted), func(t *testing.T) {
				r := newRig(t, true, func(c *nethttp.Config) {
					c.Standard.Trusted = func(*http.Request) bool { return trusted }
				})
				var seen string
				server := serve(t, http1, r.middleware.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					seen = r.Header.Get("X-Forwarded-For")
					fmt.Fprint(w, "hello")
				})))
				answer := rawExchange(t, server, "GET /x HTTP/1.1\r\nHost: test\r\nX-Forwarded-For: "+test.forwarded+"\r\nConnection: close\r\n\r\n")
				r.record()
				if !strings.HasPrefix(string(answer), "HTTP/1.1 200 OK") || !strings.HasSuffix(string(answer), "\r\n\r\nhello") {
					t.Errorf("the answer is %q", answer)
				}
				if seen != strings.TrimSpace(test.forwarded) {
					t.Errorf("the handler saw %.100q", seen)
				}
				eventually(t, "the span ends", func() bool { return len(r.spans.Ended()) == 1 })
				got := make(map[string]string)
				for _, a := range r.spans.Ended()[0].Attributes() {
					got[string(a.Key)] = a.Value.String()
				}
				if got["client.address"] != want || got["network.peer.address"] != peer {
					t.Errorf("the client is %.100q, the peer %q, want %q", got["client.address"], got["network.peer.address"], want)
				}
			})
		}
	}
}
