package nethttp_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// outcome is a handler and what is to be recorded of it.
type outcome struct {
	name    string
	method  string // GET if empty.
	body    string
	only    protocol // Both if empty.
	handler func(w http.ResponseWriter, r *http.Request)

	status   int
	logged   int    // The status in the access log, if another.
	lasting  bool   // It is not in the latency histogram.
	errors   string // The error type that is counted.
	panicked bool   // It is reported to Panicked.
	read     int    // Bytes of the request's body, as the span has them.
	wrote    int    // Bytes of the answer's body, as the span has them.
	standard int    // The status to otelhttp, if another, or recordsNothing.
	// answers is what the client gets in the place of the bare handler's cut
	// connection; it is the same if empty.
	answers string
}

const (
	answer500 = "500 Internal Server Error"
	len500    = len("Internal Server Error\n")
)

// recordsNothing is for a panic that goes on through otelhttp.
const recordsNothing = -1

func outcomes(t *testing.T) []outcome {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, bytes.Repeat([]byte("0123456789abcdef"), 1<<14), 0o600))
	return []outcome{
		{name: "nothing written", status: 200, handler: func(http.ResponseWriter, *http.Request) {}},
		{name: "a body alone", status: 200, wrote: 5, handler: func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }},
		{name: "an empty write", status: 200, handler: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(nil)
			w.WriteHeader(404)
		}},
		{name: "a string", status: 200, wrote: 5, handler: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }},
		{name: "404", status: 404, wrote: 19, handler: http.NotFound},
		{name: "204", status: 204, handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }},
		{name: "304 with a body that is not allowed", status: 304, handler: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(304)
			if _, err := io.WriteString(w, "no"); !errors.Is(err, http.ErrBodyNotAllowed) {
				t.Errorf("write after 304: %v", err)
			}
		}},
		{name: "503", status: 503, errors: "server_error", wrote: 3, handler: func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusServiceUnavailable) }},
		{name: "HEAD", method: http.MethodHead, status: 200, handler: func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }},
		{name: "an unknown method", method: "BREW", status: 418, handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(418) }},
		{name: "POST that echoes", method: http.MethodPost, body: "hello", status: 200, read: 5, wrote: 5, handler: func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }},
		{name: "trailers", status: 200, wrote: 5, handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Trailer", "X-Sum")
			fmt.Fprint(w, "hello")
			w.(http.Flusher).Flush()
			w.Header().Set("X-Sum", "5")
			w.Header().Set(http.TrailerPrefix+"X-Late", "6")
		}},
		{name: "103, 404, then another status", status: 404, handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", "</style.css>")
			w.WriteHeader(103)
			w.WriteHeader(404)
			w.WriteHeader(500)
		}},
		{name: "flush alone", status: 200, handler: func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			w.WriteHeader(500)
		}},
		{name: "flush through a controller", status: 200, handler: func(w http.ResponseWriter, _ *http.Request) {
			must(t, http.NewResponseController(w).Flush())
			w.WriteHeader(500)
		}},
		{name: "a flushed body in pieces", status: 200, wrote: 15, handler: func(w http.ResponseWriter, _ *http.Request) {
			for range 3 {
				fmt.Fprint(w, "piece")
				w.(http.Flusher).Flush()
			}
		}},
		{name: "a file", status: 200, wrote: 1 << 18, handler: func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) }},
		{name: "copy of a file", status: 200, wrote: 1 << 18, handler: func(w http.ResponseWriter, _ *http.Request) {
			f, err := os.Open(file)
			must(t, err)
			defer f.Close()
			_, err = io.Copy(w, f)
			must(t, err)
		}},
		{name: "copy of nothing, then 404", status: 404, handler: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.Copy(w, onlyReader{strings.NewReader("")})
			w.WriteHeader(404)
		}},
		{name: "copy that fails at once, then 502", status: 502, errors: "server_error", wrote: 9, handler: func(w http.ResponseWriter, _ *http.Request) {
			if _, err := io.Copy(w, failing{}); err != nil {
				http.Error(w, "upstream", http.StatusBadGateway)
			}
		}},
		{name: "copy that fails half-way, then 500", status: 200, wrote: 4, handler: func(w http.ResponseWriter, _ *http.Request) {
			if _, err := io.Copy(w, onlyReader{io.MultiReader(strings.NewReader("half"), failing{})}); err != nil {
				w.WriteHeader(500)
			}
		}},
		{name: "a string, then 500", status: 200, wrote: 5, handler: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "hello")
			w.WriteHeader(500)
		}},
		{name: "a string longer than the buffer", status: 200, wrote: 5000, handler: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat("x", 5000))
		}},
		{name: "101, which is not final over HTTP/2, then 404", only: http2, status: 404, handler: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(101)
			w.WriteHeader(404)
		}},
		{name: "multipart", method: http.MethodPost, body: "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nvalue\r\n--b--\r\n", status: 200, read: 66, wrote: 5, handler: func(w http.ResponseWriter, r *http.Request) {
			r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
			fmt.Fprint(w, r.FormValue("name"))
		}},
		{name: "100 bytes of a long body", method: http.MethodPost, body: strings.Repeat("x", 1<<12), status: 200, read: 100, handler: func(_ http.ResponseWriter, r *http.Request) {
			_, err := io.ReadFull(r.Body, make([]byte, 100))
			must(t, err)
		}},
		{name: "copy beyond the Content-Length, then 500", only: http1, status: 200, handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "0")
			if _, err := io.Copy(w, onlyReader{strings.NewReader("too long")}); err != nil {
				w.WriteHeader(500)
			}
		}},
		{name: "an event stream", status: 200, lasting: true, wrote: 9, handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
			fmt.Fprint(w, "data: 1\n\n")
			must(t, http.NewResponseController(w).Flush())
		}},
		{name: "an upgrade", only: http1, status: 101, lasting: true, handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Connection", "Upgrade")
			w.Header().Set("Upgrade", "test")
			w.WriteHeader(101)
			conn, _, err := w.(http.Hijacker).Hijack()
			must(t, err)
			fmt.Fprint(conn, "switched")
			conn.Close()
		}},
		{name: "a hijacked connection", only: http1, status: 101, lasting: true, standard: 200, handler: func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			must(t, err)
			fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
			conn.Close()
			if _, err := io.WriteString(w, "late"); !errors.Is(err, http.ErrHijacked) {
				t.Errorf("write after hijack: %v", err)
			}
		}},
		{name: "abort after hijack", only: http1, status: 101, lasting: true, standard: recordsNothing, handler: func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			must(t, err)
			conn.Close()
			panic(http.ErrAbortHandler)
		}},
		{name: "hijack that is not to be had", only: http2, status: 200, handler: func(w http.ResponseWriter, _ *http.Request) {
			if _, _, err := http.NewResponseController(w).Hijack(); !errors.Is(err, http.ErrNotSupported) {
				t.Errorf("hijack of HTTP/2: %v", err)
			}
		}},
		{name: "full duplex", method: http.MethodPost, body: "hello", status: 200, read: 5, wrote: 5, handler: func(w http.ResponseWriter, r *http.Request) {
			must(t, http.NewResponseController(w).EnableFullDuplex())
			buffer := make([]byte, 1)
			for {
				n, err := r.Body.Read(buffer)
				_, _ = w.Write(buffer[:n])
				_ = http.NewResponseController(w).Flush()
				if err != nil {
					return
				}
			}
		}},
		// MaxBytesReader finds a method of net/http's own writer that no wrapper
		// can have, so the header comes at another place over HTTP/1.1.
		{name: "a body beyond MaxBytesReader", only: http1, method: http.MethodPost, body: strings.Repeat("x", 1<<19), status: 413, answers: "Connection: close", read: 11, wrote: 10, handler: limited},
		{name: "a body beyond MaxBytesReader", only: http2, method: http.MethodPost, body: strings.Repeat("x", 1<<19), status: 413, read: 11, wrote: 10, handler: limited},
		{name: "TimeoutHandler in time", status: 201, handler: http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(201)
		}), time.Minute, "late").ServeHTTP},
		{name: "TimeoutHandler too late", status: 503, errors: "server_error", wrote: 4, handler: http.TimeoutHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
		}), time.Millisecond, "late").ServeHTTP},
		{name: "999", status: 599, logged: 999, errors: "server_error", handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(999) }},

		{name: "panic before the answer", status: 500, errors: "panic", panicked: true, answers: answer500, wrote: len500,
			handler: func(http.ResponseWriter, *http.Request) { panic("secret") }},
		{name: "panic(nil)", status: 500, errors: "panic", panicked: true, answers: answer500, wrote: len500,
			handler: func(http.ResponseWriter, *http.Request) { panic(nil) }},
		{name: "a runtime error", status: 500, errors: "panic", panicked: true, answers: answer500, wrote: len500,
			handler: func(_ http.ResponseWriter, r *http.Request) { _ = r.Header["None"][1] }},
		{name: "WriteHeader(42), which panics", status: 500, errors: "panic", panicked: true, answers: answer500, wrote: len500,
			handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(42) }},
		{name: "WriteHeader(42) after the status, which does not", status: 200,
			handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200); w.WriteHeader(42) }},
		{name: "panic after 103", only: http2, status: 500, errors: "panic", panicked: true, answers: answer500, wrote: len500,
			handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); panic("secret") }},
		{name: "panic in TimeoutHandler", status: 500, errors: "panic", panicked: true, answers: answer500, wrote: len500,
			handler: http.TimeoutHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret") }), time.Minute, "").ServeHTTP},
		{name: "panic after the status", status: 500, errors: "panic", panicked: true, standard: recordsNothing,
			handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200); panic("secret") }},
		{name: "panic in the middle of the body", status: 500, errors: "panic", panicked: true, wrote: 4, standard: recordsNothing,
			handler: func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprint(w, "half")
				w.(http.Flusher).Flush()
				panic("secret")
			}},
		{name: "panic in the middle of a copy", only: http1, status: 500, errors: "panic", panicked: true, wrote: 4, standard: recordsNothing,
			handler: func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.Copy(w, io.MultiReader(strings.NewReader("half"), panicking{}))
			}},
		{name: "panic after hijack", only: http1, status: 500, errors: "panic", panicked: true, lasting: true, standard: 200,
			handler: func(w http.ResponseWriter, _ *http.Request) {
				conn, _, err := w.(http.Hijacker).Hijack()
				must(t, err)
				fmt.Fprint(conn, "half")
				conn.Close()
				panic("secret")
			}},
		{name: "abort before the answer", status: 500, errors: "server_error", standard: recordsNothing,
			handler: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		{name: "abort after the answer", status: 200, wrote: 4, standard: recordsNothing,
			handler: func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprint(w, "half")
				w.(http.Flusher).Flush()
				panic(http.ErrAbortHandler)
			}},
		{name: "abort after 404", status: 404, standard: recordsNothing,
			handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404); panic(http.ErrAbortHandler) }},
	}
}

func limited(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, 10)); err != nil {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
	}
}

// onlyReader is a source that io.Copy leaves to the writer.
type onlyReader struct{ io.Reader }

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("no") }

type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic("secret") }
