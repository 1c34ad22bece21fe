package strangers_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A header of up to taken bytes is within the limit of Serve and what net/http
// adds to any; one of refused is over it, whatever net/http has read ahead.
const (
	taken   = 32<<10 + 4<<10
	refused = taken + 8<<10
)

// stranger makes requests of every kind that net/http takes, and of some that it
// does not.
type stranger struct{ *rand.Rand }

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

func (s stranger) text(alphabet string, most int) string {
	b := make([]byte, 1+s.IntN(most))
	for i := range b {
		b[i] = alphabet[s.IntN(len(alphabet))]
	}
	return string(b)
}

func pick[T any](s stranger, of ...T) T { return of[s.IntN(len(of))] }

// methods are one of each kind that a label or an instrumentation tells apart.
func methods() []string {
	return []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT",
		"get", "head", "post", "put", "patch", "delete", "options", "trace", "connect", "BREW"}
}

func (s stranger) method() string {
	return pick(s, append(methods(), s.text(letters, 200), s.text("GETPOS", 4))...)
}

// shapes are the forms of a target, by what the service does with them. Each has
// one place for any text.
func shapes() []string {
	return []string{"/users/%s", "/tree/%s/x", "/files?%s", "/panic/%s", "/failing?%s", "/absent/%s", "//users//%s", "/users/%%2e%%2e/%s",
		"/health/live?%s", "/health/%s", "/metrics/%s", "http://%s.example:81/users/1", "http://%s/absent"}
}

func (s stranger) target() string {
	text := pick(s, s.text(letters, 20), s.text(letters, 2000))
	return fmt.Sprintf(pick(s, shapes()...), text)
}

func (s stranger) host() string {
	return pick(s, "strangers", s.text(letters, 20), s.text(letters, 2000), "[::1]") + pick(s, "", fmt.Sprintf(":%d", s.IntN(70_000)))
}

// headers are those that instrumentation reads, in any order and with any value.
func (s stranger) headers() string {
	id := fmt.Sprintf("%016x%016x", s.Uint64(), pick(s, 0, s.Uint64()))
	all := []string{
		"Host: " + s.host(),
		"User-Agent: " + s.text(letters+"\xff\x80 ", 3000),
		"X-Request-ID: " + s.text(letters+pick(s, "", "\xff\t ;\"{}"), 100),
		"X-Forwarded-For: " + pick(s, "203.0.113.7, 10.0.0.1", s.text(letters+",<>\xfe", 300)),
		"Traceparent: 00-" + id + "-" + id[:16] + "-" + pick(s, "00", "01", "ff"),
		"Tracestate: " + s.text("abc", 200) + "=" + s.text(letters, 200) + pick(s, "", ",v=1"),
		"Baggage: " + s.text(letters, 300) + "=" + s.text(letters, 4000),
	}
	s.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return strings.Join(all, "\r\n")
}

// request is one request of random parts. Now and then it nearly fills the
// header that the server takes, or is too long for it.
func (s stranger) request() (method, text string, served bool) {
	method = s.method()
	text = fmt.Sprintf("%s %s HTTP/1.%d\r\n%s\r\nConnection: keep-alive\r\nContent-Length: 0\r\n", method, s.target(), s.IntN(10), s.headers())
	switch s.IntN(20) {
	case 0:
		text += "X-Filler: " + strings.Repeat("f", taken-len(text)-100) + "\r\n"
	case 1:
		return method, text + "X-Filler: " + strings.Repeat("f", refused-len(text)) + "\r\n\r\n", false
	}
	return method, text + "\r\n", true
}

// malformed are requests that net/http answers by itself.
func malformed() []string {
	return []string{
		"\xff\xfe\xfd\r\n\r\n",
		"GET / HTTP/3.0\r\nHost: a\r\n\r\n",
		"GET / HTTP/1.1\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: \xff\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
		"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET http://[::1 HTTP/1.1\r\nHost: a\r\n\r\n",
		"GE\x01T / HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nX Y: z\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: \x00\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: bogus\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nExpect: nothing\r\n\r\n",
	}
}

// connection is a raw connection, made anew whenever the server closes it.
type connection struct {
	t       *testing.T
	address string
	conn    net.Conn
	reader  *bufio.Reader
}

func (c *connection) close() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}

// send sends one request and returns the status of the answer, 0 for none.
func (c *connection) send(method, text string) int {
	c.t.Helper()
	if c.conn == nil {
		conn, err := net.Dial("tcp", c.address)
		if err != nil {
			c.t.Error(err)
			return 0
		}
		_ = conn.SetDeadline(time.Now().Add(patience))
		c.conn, c.reader = conn, bufio.NewReader(conn)
	}
	if _, err := io.WriteString(c.conn, text); err != nil {
		c.t.Errorf("%.80q: %v", text, err)
		c.close()
		return 0
	}
	// Only to HEAD there is an answer without its body.
	asked := http.MethodGet
	if method == http.MethodHead {
		asked = method
	}
	response, err := http.ReadResponse(c.reader, &http.Request{Method: asked})
	if err == nil {
		_, err = io.Copy(io.Discard, response.Body)
	}
	if err != nil {
		c.t.Errorf("%.80q: %v", text, err)
		c.close()
		return 0
	}
	if response.Close {
		c.close()
	}
	return response.StatusCode
}
