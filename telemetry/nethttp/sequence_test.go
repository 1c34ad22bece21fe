package nethttp_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/telemetry/catalog"
)

func FuzzHandlerSequence(f *testing.F) {
	for _, ops := range []string{
		"", "\x00\x64", "\x01\x02", "\x01\x03\x00\x64", "\x02\x01\x00\x64", "\x03\x00\x64", "\x04\x00\x00\x64", // Status, writes, flush.
		"\x05\x00\x00\x50", "\x05\x02\x00\x50", "\x05\x03", "\x06\x00\x64", "\x06\x03\x00\x64", "\x06\x07", // Copies.
		"\x07\x00", "\x07\x00\x01\x01", "\x08\x00\x01\x01", "\x09\x03\x00\x50", "\x09\x01", "\x09\x01\x00\x50", // Hijack, event stream, 1xx.
		"\x0a\x00", "\x01\x01\x0a\x00", "\x0b\x00", "\x01\x03\x04\x00\x0b\x00", "\x07\x00\x0a\x00", // Panics.
		"\x0c\x02\x01\x01", "\x0c\x05\x0c\x01", "\x0d\x03\x09\x03", "\x0d\x02\x0c\x04\x01\x03", // The request's body, deadlines.
		"\x0e\x00\x01\x02\x0e\x01", "\x0f\x00\x01\x03", "\x0f\x00\x05\x02\x00\x64", "\x0f\x01\x01\x01", // Trailers, Content-Length.
		"\x10\x00\x01\x01\x04\x00\x0c\x05", "\x00\x08", "\x00\x28\x00\x08", "\x00\xc7", // Full duplex, odd statuses.
	} {
		f.Add([]byte(ops))
	}
	s1, s2 := newStage(f, http1), newStage(f, http2)
	f.Fuzz(func(t *testing.T, ops []byte) {
		ops = ops[:min(len(ops), 64)]
		s1.check(t, ops)
		s2.check(t, ops)
	})
}

// stage is a server of a script, once bare and once observed.
type stage struct {
	protocol
	*rig
	bare, observed func(tb testing.TB) string
	script         atomic.Pointer[script]
}

func newStage(tb testing.TB, p protocol) *stage {
	s := &stage{protocol: p, rig: newRig(tb, true)}
	play := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.script.Load().ServeHTTP(w, r) })
	exchange := func(h http.Handler) func(tb testing.TB) string {
		server := serve(tb, p, h)
		if p == http2 {
			stream := regexp.MustCompile(`stream ID \d+`)
			return func(tb testing.TB) string {
				return stream.ReplaceAllString(exchange2(tb, server, http.MethodPost, "hello"), "stream")
			}
		}
		const raw = "POST /x HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"
		return func(tb testing.TB) string { return withoutVolatile(rawExchange(tb, server, raw)) }
	}
	s.bare = exchange(play)
	s.observed = exchange(s.middleware.Wrap(over(s.http, "/x", play)))
	return s
}

// play runs ops with the exchange given and returns what they add up to.
func (s *stage) play(t *testing.T, ops []byte, exchange func(testing.TB) string) (answer string, m model) {
	p := &script{ops: ops, model: model{protocol: s.protocol}, done: make(chan struct{})}
	s.script.Store(p)
	answer = exchange(t)
	<-p.done
	return answer, p.model
}

func (s *stage) check(t *testing.T, ops []byte) {
	s.tb = t
	s.spans.Reset()
	before := contract(s.all())
	want, m := s.play(t, ops, s.bare)
	got, told := s.play(t, ops, s.observed)
	status := s.record().Status
	if m.broken {
		m.wrote = told.wrote // Depends on the size of the header.
	}

	switch {
	case s.protocol == http1 && (m.broken || m.fault != nil && m.status != 0):
		// The connection is cut behind a full buffer, which X-Request-Id is in, too.
		if !strings.HasPrefix(want, got) && !strings.HasPrefix(got, want) {
			t.Errorf("%s %v: the answer is %q, the bare handler's %q", s.protocol, ops, got, want)
		}
	case !m.panicked() || !m.open():
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s %v: the answer differs from the bare handler's (-bare +observed):\n%s", s.protocol, ops, diff)
		}
	case !strings.Contains(got, answer500):
		t.Errorf("%s %v: a panic is answered %q", s.protocol, ops, got)
	}
	if status != m.outcome() {
		t.Errorf("%s %v: recorded %d, want %d", s.protocol, ops, status, m.outcome())
	}

	eventually(t, "a span", func() bool { return len(s.spans.Ended()) > 0 })
	if diff := cmp.Diff(m.span(), spanFields(s.spans.Ended()[0])); diff != "" {
		t.Errorf("%s %v: the span differs (-want +got):\n%s", s.protocol, ops, diff)
	}
	grown := contract(s.all())
	maps.DeleteFunc(grown, func(name string, n int64) bool { return n == before[name] })
	for name := range grown {
		grown[name] -= before[name]
	}
	if diff := cmp.Diff(m.series(), grown); diff != "" {
		t.Errorf("%s %v: series differ (-want +got):\n%s", s.protocol, ops, diff)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.panics); n > 1 || n == 1 != m.panicked() {
		t.Errorf("%s %v: %d panics reported", s.protocol, ops, n)
	}
	s.panics = nil
}

// model is what the calls of a handler add up to by the rules of net/http.
type model struct {
	protocol
	status      int
	gone, ended bool // The client was, by the time of the status and in the end.
	hijacked    bool
	broken      bool // Nothing can be written to the connection.
	stream      bool
	read, wrote int64
	fault       any
}

func (m *model) open() bool     { return m.status == 0 && !m.hijacked }
func (m *model) panicked() bool { return m.fault != nil && m.fault != http.ErrAbortHandler }

func (m *model) outcome() int {
	status := m.status
	switch {
	case m.panicked():
		return 500
	case m.hijacked:
		return 101
	case status == 0 && m.ended, status >= 500 && m.gone:
		return 499
	case status == 0 && m.fault != nil:
		return 500
	case status == 0:
		return 200
	}
	return status
}

func (m *model) span() map[string]string {
	fields := answeredSpan(m.protocol, http.MethodPost, "/x", m.outcome())
	if m.panicked() {
		fields["error.type"] = "panic"
	}
	goesOn := m.fault == http.ErrAbortHandler || m.panicked() && !m.open() && !m.hijacked
	if m.read > 0 && !goesOn {
		fields["http.request.body.size"] = strconv.FormatInt(m.read, 10)
	}
	wrote := m.wrote
	if m.panicked() && m.open() {
		wrote = int64(len500)
	}
	if wrote > 0 {
		fields["http.response.body.size"] = strconv.FormatInt(wrote, 10)
	}
	return fields
}

func (m *model) series() map[string]int64 {
	series := map[string]int64{fmt.Sprintf("%s /x POST %d", catalog.HTTPRequests, min(m.outcome(), 599)): 1}
	recovered := m.panicked() && m.open()
	if !m.hijacked && m.status != 101 && (!m.stream || recovered) {
		series[catalog.HTTPRequestDuration+" /x POST"] = 1
	}
	switch {
	case m.panicked():
		series[catalog.Errors+" /x panic"] = 1
	case m.outcome() >= 500:
		series[catalog.Errors+" /x server_error"] = 1
	}
	return series
}

// after is a reader of text that then ends with err, or panics if that is nil.
type after struct {
	text *strings.Reader
	err  error
}

func (a after) Read(b []byte) (int, error) {
	switch n, _ := a.text.Read(b); {
	case n > 0:
		return n, nil
	case a.err == nil:
		panic("fault of a reader")
	default:
		return 0, a.err
	}
}

var _ io.Reader = after{}
