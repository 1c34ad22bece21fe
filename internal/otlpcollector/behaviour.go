package otlpcollector

import (
	"context"
	"net/http"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
)

// Failure is what a collector answers instead of success.
type Failure int

// The failures: in HTTP the statuses 429, 503, 500 and 400.
const (
	None Failure = iota
	Exhausted
	Unavailable
	Internal
	Invalid
)

func (f Failure) status() int {
	return [...]int{http.StatusOK, http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusInternalServerError, http.StatusBadRequest}[f]
}

func (f Failure) code() codes.Code {
	return [...]codes.Code{codes.OK, codes.ResourceExhausted, codes.Unavailable, codes.Internal, codes.InvalidArgument}[f]
}

// Behaviour is how a collector treats exports. The zero Behaviour takes them.
type Behaviour struct {
	// Close closes connections, old and new ones, without an answer.
	Close bool
	// Hang holds exports until the client gives up, the behaviour changes or the
	// collector stops; they are not delivered.
	Hang bool
	// Delay is how long each export takes.
	Delay time.Duration
	// Failure is the answer to the next Times exports, or to all with 0.
	Failure Failure
	Times   int
	// RetryAfter goes with a failure as RetryInfo or Retry-After, there in whole
	// seconds; 0 is without.
	RetryAfter time.Duration
	// Reject is how many items of each export, the last ones, are refused as a
	// partial success.
	Reject int
	// Message is the text of a failure or of a partial success.
	Message string
}

// behaviour is the one in force.
type behaviour struct {
	mu       sync.Mutex
	current  Behaviour
	failures int
	changed  chan struct{} // closed by the next change
	closeAll func()
}

// Set changes how exports are treated from now on; those that hang fail.
func (b *behaviour) Set(to Behaviour) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.current, b.failures = to, to.Times
	close(b.changed)
	b.changed = make(chan struct{})
	if to.Close && b.closeAll != nil {
		b.closeAll()
	}
}

// Behaviour returns how exports are treated.
func (b *behaviour) Behaviour() Behaviour {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.current
}

func (b *behaviour) onClose(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closeAll = f
}

// await has one export pass the behaviour, and calls begun once it is settled
// which one that is. It returns what to answer with; a failure may be None. It
// is false where nobody waits for the answer.
func (b *behaviour) await(ctx context.Context, begun func()) (Behaviour, bool) {
	b.mu.Lock()
	now, changed := b.current, b.changed
	if now.Failure != None && now.Times > 0 {
		if b.failures > 0 {
			b.failures--
		} else {
			now.Failure = None
		}
	}
	b.mu.Unlock()
	begun()
	if now.Hang {
		select {
		case <-ctx.Done():
		case <-changed:
		}
		now.Failure, now.Message = Unavailable, "held until now"
	}
	if now.Delay > 0 {
		timer := time.NewTimer(now.Delay)
		defer timer.Stop()
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
	}
	return now, ctx.Err() == nil
}
