package nethttp

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/felixge/httpsnoop"
)

// Handlers find out by type assertion what a writer can do, so the wrapping
// writer must be able to do what the wrapped one can, and no more. The two that
// net/http makes are wrapped here without a further allocation; any other is
// left to httpsnoop.

type deadlines interface {
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
	EnableFullDuplex() error
}

// closeNotifier is the deprecated http.CloseNotifier, which handlers may still
// ask for.
type closeNotifier interface{ CloseNotify() <-chan bool }

type common interface {
	http.ResponseWriter
	http.Flusher
	FlushError() error
	closeNotifier
	io.StringWriter
	deadlines
}

// http1 is what the writer of an HTTP/1 server can do.
type http1 interface {
	common
	http.Hijacker
	io.ReaderFrom
}

// expose returns w with the optional interfaces of the writer that it wraps.
func (w *writer) expose() http.ResponseWriter {
	_, pusher := w.ResponseWriter.(http.Pusher)
	switch w.ResponseWriter.(type) {
	case http1:
		if !pusher {
			return http1Writer{commonWriter{w}}
		}
	case common:
		_, hijacker := w.ResponseWriter.(http.Hijacker)
		_, readerFrom := w.ResponseWriter.(io.ReaderFrom)
		if pusher && !hijacker && !readerFrom {
			return http2Writer{commonWriter{w}}
		}
	}
	return httpsnoop.Wrap(w.ResponseWriter, httpsnoop.Hooks{
		WriteHeader: func(httpsnoop.WriteHeaderFunc) httpsnoop.WriteHeaderFunc { return w.WriteHeader },
		Write:       func(httpsnoop.WriteFunc) httpsnoop.WriteFunc { return w.Write },
		WriteString: func(next httpsnoop.WriteStringFunc) httpsnoop.WriteStringFunc {
			return func(s string) (int, error) { w.sent(http.StatusOK); return w.count(next(s)) }
		},
		ReadFrom: func(next httpsnoop.ReadFromFunc) httpsnoop.ReadFromFunc {
			return func(source io.Reader) (int64, error) { return w.readFrom(next, source) }
		},
		Flush: func(next httpsnoop.FlushFunc) httpsnoop.FlushFunc {
			return func() { w.sent(http.StatusOK); next() }
		},
		FlushError: func(next httpsnoop.FlushErrorFunc) httpsnoop.FlushErrorFunc {
			return func() error { w.sent(http.StatusOK); return next() }
		},
		Hijack: func(next httpsnoop.HijackFunc) httpsnoop.HijackFunc {
			return func() (net.Conn, *bufio.ReadWriter, error) {
				conn, buffer, err := next()
				w.hijacked = w.hijacked || err == nil
				return conn, buffer, err
			}
		},
	})
}

type commonWriter struct{ *writer }

func (w commonWriter) inner() common { return w.ResponseWriter.(common) }

func (w commonWriter) Flush() {
	w.sent(http.StatusOK)
	w.inner().Flush()
}

func (w commonWriter) FlushError() error {
	w.sent(http.StatusOK)
	return w.inner().FlushError()
}

// WriteString goes past otelhttp, which would make bytes of the string: net/http
// cuts those into other chunks.
func (w commonWriter) WriteString(s string) (int, error) {
	if w.open() {
		w.WriteHeader(http.StatusOK)
	}
	return w.count(io.WriteString(w.below, s))
}

func (w commonWriter) CloseNotify() <-chan bool           { return w.inner().CloseNotify() }
func (w commonWriter) SetReadDeadline(t time.Time) error  { return w.inner().SetReadDeadline(t) }
func (w commonWriter) SetWriteDeadline(t time.Time) error { return w.inner().SetWriteDeadline(t) }
func (w commonWriter) EnableFullDuplex() error            { return w.inner().EnableFullDuplex() }

type http1Writer struct{ commonWriter }

func (w http1Writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffer, err := w.ResponseWriter.(http.Hijacker).Hijack()
	w.hijacked = w.hijacked || err == nil
	return conn, buffer, err
}

func (w http1Writer) ReadFrom(source io.Reader) (int64, error) {
	return w.readFrom(w.ResponseWriter.(io.ReaderFrom).ReadFrom, source)
}

type http2Writer struct{ commonWriter }

func (w http2Writer) Push(target string, options *http.PushOptions) error {
	return w.ResponseWriter.(http.Pusher).Push(target, options)
}
