package nethttp_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/nethttp"
)

// stranger makes requests that are hostile but that net/http accepts.
type stranger struct{ *rand.Rand }

func (s stranger) text(alphabet string, most int) string {
	b := make([]byte, 1+s.IntN(most))
	for i := range b {
		b[i] = alphabet[s.IntN(len(alphabet))]
	}
	return string(b)
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

func (s stranger) method() string {
	methods := append(catalog.Methods()[:9], "get", "Post", s.text(letters, 200))
	return methods[s.IntN(len(methods))]
}

func (s stranger) target() string {
	targets := []string{"/proto", "/u/" + s.text(letters, 300), "/tree/" + s.text(letters, 30), "//u//" + s.text(letters, 30), "/" + s.text(letters, 1000), "/%2e%2e/" + s.text(letters, 9)}
	return targets[s.IntN(len(targets))] + "?" + s.text(letters, 100)
}

func (s stranger) host() string {
	hosts := []string{"tutorflow-api", s.text(letters, 2000), "[::1]"}
	return hosts[s.IntN(len(hosts))] + fmt.Sprintf(":%d", s.IntN(70_000))
}

// flood sends n requests on one connection and checks that the handler sees
// the protocol that was sent.
func (s stranger) flood(t *testing.T, address string, n int) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	reader := bufio.NewReader(conn)
	for range n {
		method, target, proto := s.method(), s.target(), fmt.Sprintf("HTTP/1.%d", s.IntN(10))
		fmt.Fprintf(conn, "%s %s %s\r\nHost: %s\r\nConnection: keep-alive\r\nUser-Agent: %s\r\nX-Request-ID: %s\r\nX-Forwarded-For: %s\r\nTraceparent: 00-%032x-%016x-01\r\nContent-Length: 0\r\n\r\n",
			method, target, proto, s.host(), s.text(letters+"\xff\x80", 500), s.text(letters+"\xff\t ;", 200), s.text(letters, 50), s.Uint64(), s.Uint64())
		asked := http.MethodGet
		if method == http.MethodHead {
			asked = method
		}
		response, err := http.ReadResponse(reader, &http.Request{Method: asked})
		if err != nil {
			t.Errorf("%.40s %.40s: %v", method, target, err)
			return
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Errorf("%.40s %.40s: %v", method, target, err)
			return
		}
		if id := response.Header.Get("X-Request-Id"); !nethttp.ValidRequestID(id) {
			t.Errorf("X-Request-Id %q", id)
		}
		if strings.HasPrefix(target, "/proto") && asked != http.MethodHead && string(body) != proto {
			t.Errorf("the handler saw %q, want %q", body, proto)
		}
	}
}

func TestStrangersAddNoSeries(t *testing.T) {
	r := newRig(t, true, func(c *nethttp.Config) { c.Access = nil })
	mux := ours(r.http, "GET /u/{id}", "/tree/{id}/")
	mux.HandleFunc("/proto", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) })
	server := serve(t, http1, r.middleware.Wrap(mux))
	var clients sync.WaitGroup
	for i := range uint64(4) {
		clients.Go(func() { stranger{rand.New(rand.NewPCG(1, i))}.flood(t, server.Listener.Addr().String(), 750) })
	}
	clients.Wait()

	// Each label has a value that the program or a standard knows.
	method := "(" + strings.Join(catalog.Methods(), "|") + ")"
	const route, status = `(/u/\{id\}|/tree/\{id\}/|/proto)`, "(200|307|400|404|405|500)"
	known := regexp.MustCompile("^(" + strings.Join([]string{
		catalog.HTTPRequests + " (" + route + "|unmatched) " + method + " " + status,
		catalog.HTTPRequestDuration + " (" + route + "|unmatched) " + method,
		`http\.server\.\S+ ` + method + " " + status + " (" + route + " )?http 1\\.[01] tutorflow-api http",
	}, "|") + ")$")
	all := r.all()
	for name := range all {
		if (strings.HasPrefix(name, "http.") || strings.HasPrefix(name, "tutorflow_http_request")) && name != catalog.HTTPRequestsActive && !known.MatchString(name) {
			t.Errorf("strangers made the series %s", name)
		}
	}
	if len(all) < 200 {
		t.Errorf("%d series only: the flood met little of the server", len(all))
	}
	if n := r.series()[catalog.HTTPRequestsActive]; n != 0 {
		t.Errorf("%d requests in flight after the flood", n)
	}
	for _, span := range r.spans.Ended() {
		if span.Parent().IsValid() {
			t.Fatal("a stranger chose the parent of a span")
		}
	}
}

func TestServerNameKeepsTheHostHeaderOut(t *testing.T) {
	for _, name := range []string{"api", "tutorflow:api", "::", "api.example:80", "a b", strings.Repeat("x", 300)} {
		r := newRig(t, true, func(c *nethttp.Config) { c.Standard.ServerName = name })
		for _, host := range []string{"http://one:1/x", "http://two:2/x", "https://three:3/x"} {
			r.get(http.HandlerFunc(ok), "GET", host)
		}
		series := 0
		for s := range r.series() {
			if strings.HasPrefix(s, standardDuration) {
				series++
			}
		}
		// One for each scheme.
		if series != 2 {
			t.Errorf("%.20q: %d series of otelhttp, want 2", name, series)
		}
	}
}

func TestNewRefusesAConfigThatCannotWork(t *testing.T) {
	r := newRig(t, true)
	for name, config := range map[string]nethttp.Config{
		"no instruments":           {},
		"no server name":           {HTTP: r.http, Standard: &nethttp.Standard{}},
		"brackets in the name":     {HTTP: r.http, Standard: &nethttp.Standard{ServerName: "a[b"}},
		"a name like IPv6 address": {HTTP: r.http, Standard: &nethttp.Standard{ServerName: "[::1]"}},
	} {
		if _, err := nethttp.New(config); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestTrustedPeerIsTheParent(t *testing.T) {
	for _, trusted := range []bool{false, true} {
		r := newRig(t, true, func(c *nethttp.Config) {
			c.Standard.Trusted = func(*http.Request) bool { return trusted }
		})
		request := newRequest("GET", "/x")
		request.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
		r.middleware.Wrap(http.HandlerFunc(ok)).ServeHTTP(newFakeWriter(), request)
		span := r.spans.Ended()[0]
		if got := span.Parent().SpanID().String() == "b7ad6b7169203331"; got != trusted {
			t.Errorf("trusted=%t: the peer is the parent: %t", trusted, got)
		}
		if linked := len(span.Links()) == 1; linked == trusted {
			t.Errorf("trusted=%t: the peer is linked: %t", trusted, linked)
		}
	}
}
