package nethttp_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// script is a handler that does what its bytes say.
type script []byte

func (s script) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	for i, op := range s {
		argument := 0
		if i+1 < len(s) {
			argument = int(s[i+1])
		}
		switch op % 12 {
		case 0:
			w.WriteHeader(argument * 5)
		case 1:
			_, _ = w.Write(s[:argument%(len(s)+1)])
		case 2:
			_, _ = io.WriteString(w, "text"[:argument%5])
		case 3:
			w.(http.Flusher).Flush()
		case 4:
			_ = http.NewResponseController(w).Flush()
		case 5:
			_, _ = io.Copy(w, onlyReader{strings.NewReader("text"[:argument%5])})
		case 6:
			_, _ = io.Copy(w, failing{})
		case 7:
			_, _, _ = http.NewResponseController(w).Hijack()
		case 8:
			w.Header().Set("Content-Type", []string{"text/event-stream", "text/plain"}[argument%2])
		case 9:
			w.WriteHeader(100 + argument%2)
		case 10:
			if argument%4 == 0 {
				panic("fault")
			}
		case 11:
			if argument%4 == 0 {
				panic(http.ErrAbortHandler)
			}
		}
	}
}

func FuzzHandlerSequence(f *testing.F) {
	for _, s := range []string{"", "\x00\x28", "\x01\x02", "\x06\x00\x64", "\x07\x0a\x00", "\x0a\x00", "\x0b\x00", "\x09\x03\x00\x50", "\x05\x00\x00\x51", "\x08\x00\x01\x01", "\x07\x00\x23", "\x09\x07\x0a\x00"} {
		f.Add([]byte(s))
	}
	r := newRig(f, false)
	odd := newRig(f, true)
	f.Fuzz(func(t *testing.T, ops []byte) {
		ops = ops[:min(len(ops), 64)]
		for _, r := range []*rig{r, odd} {
			r.tb = t
			checkSequence(t, r, script(ops))
		}
	})
}

// checkSequence compares what is recorded with what the bare handler does.
func checkSequence(t *testing.T, r *rig, s script) {
	bare, observed := newFakeWriter(), newFakeWriter()
	fault := serveRecovered(s, bare)
	raised := serveRecovered(r.middleware.Wrap(s), observed)
	a := r.record()

	aborted := fault == http.ErrAbortHandler
	want := bare.status
	switch {
	case fault != nil && !aborted:
		want = 500
	case bare.hijacked:
		want = 101
	case aborted && want == 0:
		want = 500
	case want == 0:
		want = 200
	}
	if a.Status != want {
		t.Errorf("%v: recorded %d, want %d", s, a.Status, want)
	}

	wire := *bare
	var wantRaised any
	switch {
	case aborted, fault != nil && !bare.hijacked && bare.status != 0:
		wantRaised = http.ErrAbortHandler
	case fault != nil && !bare.hijacked:
		wire.status, wire.bytes = 500, int64(len("Internal Server Error\n"))
	}
	if raised != wantRaised {
		t.Errorf("%v: raised %v, want %v", s, raised, wantRaised)
	}
	if observed.status != wire.status || observed.bytes != wire.bytes || observed.hijacked != wire.hijacked {
		t.Errorf("%v: the client got %+v, want %+v", s, observed, wire)
	}
	r.spans.Reset()
	r.panics = nil
}

func serveRecovered(h http.Handler, w http.ResponseWriter) (value any) {
	defer func() { value = recover() }()
	h.ServeHTTP(w, newRequest("GET", "/x"))
	return nil
}
