package nethttp_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// fakeWriter can do what the writer of HTTP/1 can and behaves like it, but keeps
// only what the client would know: the status and the number of bytes.
type fakeWriter struct {
	header   http.Header
	status   int
	bytes    int64
	hijacked bool
}

func newFakeWriter() *fakeWriter { return &fakeWriter{header: make(http.Header)} }

func (w *fakeWriter) reset() {
	clear(w.header)
	w.status, w.bytes, w.hijacked = 0, 0, false
}

func (w *fakeWriter) Header() http.Header { return w.header }
func (w *fakeWriter) WriteHeader(status int) {
	switch {
	case w.hijacked || w.status != 0:
	case status < 100 || status > 999:
		panic(fmt.Sprintf("invalid WriteHeader code %d", status))
	case status >= 200 || status == 101:
		w.status = status
	}
}
func (w *fakeWriter) Write(b []byte) (int, error) {
	if w.hijacked {
		return 0, http.ErrHijacked
	}
	w.WriteHeader(200)
	w.bytes += int64(len(b))
	return len(b), nil
}
func (w *fakeWriter) WriteString(s string) (int, error) {
	return w.Write([]byte(s))
}
func (w *fakeWriter) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{w}, r)
}
func (w *fakeWriter) Flush()                           { w.WriteHeader(200) }
func (w *fakeWriter) FlushError() error                { w.WriteHeader(200); return nil }
func (w *fakeWriter) CloseNotify() <-chan bool         { return nil }
func (w *fakeWriter) SetReadDeadline(time.Time) error  { return nil }
func (w *fakeWriter) SetWriteDeadline(time.Time) error { return nil }
func (w *fakeWriter) EnableFullDuplex() error          { return nil }
func (w *fakeWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if w.hijacked {
		return nil, nil, http.ErrHijacked
	}
	w.hijacked = true
	return nil, nil, nil
}

func newRequest(method, target string) *http.Request { return httptest.NewRequest(method, target, nil) }

// abilities names the optional interfaces that w implements.
func abilities(w http.ResponseWriter) (names string) {
	add := func(name string, ok bool) {
		if ok {
			names += name + " "
		}
	}
	_, ok := w.(http.Flusher)
	add("Flush", ok)
	_, ok = w.(interface{ FlushError() error })
	add("FlushError", ok)
	_, ok = w.(http.Hijacker)
	add("Hijack", ok)
	_, ok = w.(http.Pusher)
	add("Push", ok)
	_, ok = w.(io.ReaderFrom)
	add("ReadFrom", ok)
	_, ok = w.(io.StringWriter)
	add("WriteString", ok)
	_, ok = w.(interface{ CloseNotify() <-chan bool })
	add("CloseNotify", ok)
	_, ok = w.(interface{ SetReadDeadline(time.Time) error })
	add("SetReadDeadline", ok)
	_, ok = w.(interface{ SetWriteDeadline(time.Time) error })
	add("SetWriteDeadline", ok)
	_, ok = w.(interface{ EnableFullDuplex() error })
	add("EnableFullDuplex", ok)
	return names
}

type (
	plainWriter struct{ http.ResponseWriter }
	flushWriter struct {
		http.ResponseWriter
		http.Flusher
	}
	pushWriter struct {
		*fakeWriter
		http.Pusher
	}
	errorFlushWriter struct {
		http.ResponseWriter
		flushed *bool
	}
)

func (w errorFlushWriter) FlushError() error { *w.flushed = true; return nil }

func TestWrappedWriterCanDoWhatTheBareOneCan(t *testing.T) {
	for _, standard := range []bool{false, true} {
		for _, p := range []protocol{http1, http2} {
			var bare, wrapped string
			r := newRig(t, standard)
			exchange(t, p, serve(t, p, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/x" {
					bare = abilities(w)
				}
			})), "GET", "")
			server := serve(t, p, r.middleware.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/x" {
					wrapped = abilities(w)
				}
			})))
			exchange(t, p, server, "GET", "")
			server.Close()
			if bare != wrapped || bare == "" {
				t.Errorf("%s, standard=%t: bare writer can %q, wrapped one %q", p, standard, bare, wrapped)
			}
		}
		fake := newFakeWriter()
		for name, w := range map[string]http.ResponseWriter{
			"ResponseWriter alone":      plainWriter{fake},
			"with Flusher":              flushWriter{fake, fake},
			"with everything":           pushWriter{fake, nil},
			"with FlushError alone":     errorFlushWriter{ResponseWriter: fake},
			"httptest.ResponseRecorder": httptest.NewRecorder(),
			"like HTTP/1":               fake,
		} {
			var wrapped string
			r := newRig(t, standard)
			r.middleware.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { wrapped = abilities(w) })).ServeHTTP(w, newRequest("GET", "/x"))
			if want := abilities(w); wrapped != want {
				t.Errorf("%s, standard=%t: bare writer can %q, wrapped one %q", name, standard, want, wrapped)
			}
		}
	}
}

func TestOddWritersAreObserved(t *testing.T) {
	cases := []struct {
		name    string
		wrap    func(*fakeWriter) http.ResponseWriter
		handler func(w http.ResponseWriter)
		status  int
	}{
		{"plain, status", func(w *fakeWriter) http.ResponseWriter { return plainWriter{w} }, func(w http.ResponseWriter) { w.WriteHeader(404) }, 404},
		{"plain, write", func(w *fakeWriter) http.ResponseWriter { return plainWriter{w} }, func(w http.ResponseWriter) { fmt.Fprint(w, "x"); w.WriteHeader(500) }, 200},
		{"plain, panic", func(w *fakeWriter) http.ResponseWriter { return plainWriter{w} }, func(http.ResponseWriter) { panic("x") }, 500},
		{"flush", func(w *fakeWriter) http.ResponseWriter { return flushWriter{w, w} }, func(w http.ResponseWriter) { w.(http.Flusher).Flush(); w.WriteHeader(500) }, 200},
		{"flush with an error", func(w *fakeWriter) http.ResponseWriter { return errorFlushWriter{w, new(bool)} }, func(w http.ResponseWriter) {
			_ = http.NewResponseController(w).Flush()
			w.WriteHeader(500)
		}, 200},
		{"everything, string", func(w *fakeWriter) http.ResponseWriter { return pushWriter{w, nil} }, func(w http.ResponseWriter) { _, _ = io.WriteString(w, "x"); w.WriteHeader(500) }, 200},
		{"everything, failing copy", func(w *fakeWriter) http.ResponseWriter { return pushWriter{w, nil} }, func(w http.ResponseWriter) { _, _ = io.Copy(w, failing{}); w.WriteHeader(502) }, 502},
		{"everything, flush", func(w *fakeWriter) http.ResponseWriter { return pushWriter{w, nil} }, func(w http.ResponseWriter) {
			_ = http.NewResponseController(w).Flush()
			w.WriteHeader(502)
		}, 200},
		{"everything, hijack refused", func(w *fakeWriter) http.ResponseWriter { w.hijacked = true; return pushWriter{w, nil} }, func(w http.ResponseWriter) {
			_, _, _ = w.(http.Hijacker).Hijack()
			w.WriteHeader(403)
		}, 403},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, false)
			r.middleware.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { c.handler(w) })).ServeHTTP(c.wrap(newFakeWriter()), newRequest("GET", "/x"))
			if a := r.record(); a.Status != c.status {
				t.Errorf("recorded %d, want %d", a.Status, c.status)
			}
		})
	}
}

func TestControllerWorksThroughTheWrappedWriter(t *testing.T) {
	for _, standard := range []bool{false, true} {
		for _, p := range []protocol{http1, http2} {
			r := newRig(t, standard)
			var readErr error
			server := serve(t, p, r.middleware.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/x" {
					return
				}
				c := http.NewResponseController(w)
				must(t, c.EnableFullDuplex())
				must(t, c.SetWriteDeadline(time.Now().Add(time.Minute)))
				must(t, c.SetReadDeadline(time.Now().Add(-time.Second)))
				_, readErr = io.ReadAll(r.Body)
				must(t, c.Flush())
			})))
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/x", &endless{})
			must(t, err)
			if response, err := server.Client().Do(request); err == nil {
				response.Body.Close()
			}
			r.record()
			if readErr == nil {
				t.Errorf("%s, standard=%t: the read deadline had no effect", p, standard)
			}
		}
	}
}

// endless is a body that ends when the transport gives up on it.
type endless struct{}

func (*endless) Read(b []byte) (int, error) { return len(b), nil }
