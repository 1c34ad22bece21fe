package faults

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// Config says what goes wrong. The zero value is nothing.
type Config struct {
	ErrorRate float64       // share of API requests that are answered with 500, 0 to 1, kept to a millionth
	Slow      time.Duration // how much later every fifth API request is answered, 0 or more
	// Failed is told of each request that fails, before it is answered; it may be nil.
	Failed func(context.Context, error)
}

// ErrInjected is why a request failed that was chosen to.
var ErrInjected = errors.New("injected fault")

const (
	perMillion = 1_000_000
	slowEvery  = 5
	// slowPhase keeps the slow requests apart from the failing ones at an error
	// rate of 0.2, the one people try first.
	slowPhase = 2
)

// Faults counts requests and decides which of them go wrong. It is safe for
// concurrent use.
type Faults struct {
	errors uint64 // per million requests
	slow   time.Duration
	failed func(context.Context, error)
	seen   atomic.Uint64
}

// New checks config and makes its faults.
func New(config Config) (*Faults, error) {
	if !(config.ErrorRate >= 0 && config.ErrorRate <= 1) { // not a number is refused, too
		return nil, fmt.Errorf("error rate %v: must be 0 to 1", config.ErrorRate)
	}
	if config.Slow < 0 {
		return nil, fmt.Errorf("slow %v: must be 0s or more", config.Slow)
	}
	return &Faults{errors: uint64(math.Round(config.ErrorRate * perMillion)), slow: config.Slow, failed: config.Failed}, nil
}

// Router is what Routes needs of a mux; *http.ServeMux is one.
type Router interface {
	HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request))
}

// Routes returns a Router that adds its handlers to mux, each with the faults.
func (f *Faults) Routes(mux Router) Router { return routes{f, mux} }

type routes struct {
	faults *Faults
	mux    Router
}

func (r routes) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	r.mux.HandleFunc(pattern, r.faults.Wrap(handler))
}

// Wrap puts the faults in front of one handler. All handlers share one count.
func (f *Faults) Wrap(next http.HandlerFunc) http.HandlerFunc {
	if f.errors == 0 && f.slow == 0 {
		return next
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/api/") {
			next(w, r)
			return
		}
		n := f.seen.Add(1)
		if f.slow > 0 && n%slowEvery == slowPhase && !sleep(r, f.slow) {
			return // nobody is waiting for an answer any more
		}
		// The nth request fails when the errors owed by then are one more than
		// before it.
		if n*f.errors/perMillion > (n-1)*f.errors/perMillion {
			if f.failed != nil {
				f.failed(r.Context(), ErrInjected)
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write([]byte(`{"error":{"code":"fault","message":"this request was chosen to fail"}}` + "\n"))
			return
		}
		next(w, r)
	}
}

// sleep reports whether the client was still there after d.
func sleep(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
