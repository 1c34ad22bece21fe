package nethttp_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// script is a handler that does what its bytes say, and notes in its model what
// that means.
type script struct {
	ops []byte
	model
	done chan struct{}
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer close(s.done)
	defer func() {
		s.ended = r.Context().Err() != nil
		s.stream = strings.HasPrefix(w.Header().Get("Content-Type"), "text/event-stream")
		if s.fault = recover(); s.fault != nil {
			panic(s.fault)
		}
	}()
	for i, op := range s.ops {
		argument := 0
		if i+1 < len(s.ops) {
			argument = int(s.ops[i+1])
		}
		s.do(op, argument, w, r)
	}
}

// commit notes that the status was sent, unless one was before.
func (s *script) commit(status int, r *http.Request) {
	if s.open() {
		s.status, s.gone = status, r.Context().Err() != nil
	}
}

func (s *script) do(op byte, argument int, w http.ResponseWriter, r *http.Request) {
	// Around the sizes of net/http's buffers.
	text := strings.Repeat("x", []int{0, 4, 600, 5000}[argument%4])
	controller := http.NewResponseController(w)
	switch op % 17 {
	case 0:
		status := argument * 5
		if 200 <= status && status <= 999 { // net/http panics beyond.
			s.commit(status, r)
		}
		w.WriteHeader(status)
	case 1:
		s.commit(200, r)
		n, _ := w.Write([]byte(text))
		s.wrote += int64(n)
	case 2:
		s.commit(200, r)
		n, _ := io.WriteString(w, text)
		s.wrote += int64(n)
	case 3:
		s.commit(200, r)
		w.(http.Flusher).Flush()
	case 4:
		s.commit(200, r)
		_ = controller.Flush()
	case 5:
		s.copy(w, r, onlyReader{strings.NewReader(text)}, len(text))
	case 6:
		fault := after{strings.NewReader(text), errors.New("no")}
		if argument%8 > 4 {
			fault.err = nil
		}
		s.copy(w, r, onlyReader{fault}, len(text))
	case 7:
		if conn, _, err := controller.Hijack(); err == nil {
			s.hijacked = true
			conn.Close()
		}
	case 8:
		w.Header().Set("Content-Type", []string{"text/event-stream", "text/plain"}[argument%2])
	case 9:
		status := 100 + argument%4
		if status == 101 && s.protocol == http1 {
			s.commit(101, r)
		}
		w.WriteHeader(status)
	case 10:
		if argument%4 == 0 {
			panic("fault")
		}
	case 11:
		if argument%4 == 0 {
			panic(http.ErrAbortHandler)
		}
	case 12:
		// A client of HTTP/2 stops sending when it gets an error.
		if s.protocol == http2 && s.status > 299 {
			return
		}
		n, _ := io.ReadFull(r.Body, make([]byte, argument%7))
		s.read += int64(n)
	case 13:
		s.deadline(controller, argument)
	case 14:
		w.Header().Set([]string{"Trailer", "X-Sum", http.TrailerPrefix + "X-Late"}[argument%3], "X-Sum")
	case 15:
		// Over HTTP/2 the client resets a stream with a wrong length, at any time.
		if s.protocol == http1 {
			w.Header().Set("Content-Length", []string{"4", "none"}[argument%2])
		}
	case 16:
		_ = controller.EnableFullDuplex()
	}
}

// copy is io.Copy, which sends a status only with the first byte of a source.
func (s *script) copy(w http.ResponseWriter, r *http.Request, source io.Reader, size int) {
	if size > 0 {
		s.commit(200, r)
	}
	counted := false
	defer func() {
		// Over HTTP/1 nobody knows how far a source came that panics.
		if !counted && s.protocol == http2 {
			s.wrote += int64(size)
		}
	}()
	n, _ := io.Copy(w, source)
	counted = true
	s.wrote += n
}

// deadline sets a deadline, one that is over only where what follows is certain.
func (s *script) deadline(c *http.ResponseController, argument int) {
	over, future := time.Unix(1, 0), time.Now().Add(time.Minute)
	switch argument % 4 {
	case 0:
		_ = c.SetReadDeadline(future)
	case 1:
		_ = c.SetWriteDeadline(future)
	case 2:
		// net/http reads the rest of a body when it answers, and then waits for the
		// client to leave.
		if s.protocol == http1 && s.open() && s.read < 5 {
			_ = c.SetReadDeadline(over)
		}
	case 3:
		if s.protocol == http1 && !s.hijacked {
			s.broken = true
			_ = c.SetWriteDeadline(over)
		}
	}
}
