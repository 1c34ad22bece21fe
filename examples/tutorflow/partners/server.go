package partners

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Fault is what goes wrong with a partner. The zero value is none.
type Fault struct {
	Status int           // answer every request with this status, 100 to 999
	Hang   bool          // never answer
	Delay  time.Duration // answer this much later
}

// Server is one running stand-in. Its methods may be called concurrently.
type Server struct {
	name    string
	url     string
	http    *http.Server
	fault   atomic.Pointer[Fault]
	latency latency
	stop    chan struct{} // closed by shutdown
	stopped func()        // closes stop once
	served  chan struct{} // closed when Serve has returned
}

// routes are the endpoints of a partner and how long it takes for one.
type routes struct {
	name     string
	handlers map[string]http.HandlerFunc
	min, max time.Duration
}

func start(ctx context.Context, r routes, config Config) (*Server, error) {
	if err := ctx.Err(); err != nil { // listening on a numeric address does not ask
		return nil, fmt.Errorf("start %s: %w", r.name, err)
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", r.name, err)
	}
	stop := make(chan struct{})
	s := &Server{
		name:    r.name,
		url:     "http://" + listener.Addr().String(),
		latency: newLatency(r, config),
		stop:    stop,
		stopped: sync.OnceFunc(func() { close(stop) }),
		served:  make(chan struct{}),
	}
	s.fault.Store(new(Fault))
	mux := http.NewServeMux()
	for pattern, handler := range r.handlers {
		mux.Handle(pattern, s.realistic(handler))
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	s.http = &http.Server{Handler: s.faulty(mux), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute}
	go func() {
		defer close(s.served)
		_ = s.http.Serve(listener) // always http.ErrServerClosed
	}()
	return s, nil
}

// URL is the address of the partner, like http://127.0.0.1:40123. A GET of it
// answers 200 while the partner is well, which is what a health check asks.
func (s *Server) URL() string { return s.url }

// SetFault replaces the fault of the partner, from the next request on.
func (s *Server) SetFault(f Fault) { s.fault.Store(&f) }

func (s *Server) shutdown(ctx context.Context) error {
	s.stopped()
	if err := s.http.Shutdown(ctx); err != nil {
		_ = s.http.Close() // the reason is ctx; whatever still runs loses its connection
		<-s.served
		return fmt.Errorf("stop %s: %w", s.name, err)
	}
	<-s.served
	return nil
}

// faulty answers with the fault that is set, if any.
func (s *Server) faulty(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := readBody(w, r) // only then does the server notice that a client hangs up
		if !ok {
			return
		}
		r.Body = body
		fault := s.fault.Load()
		if fault.Hang {
			s.sleep(r, 1<<62)
			panic(http.ErrAbortHandler)
		}
		s.sleep(r, fault.Delay)
		if fault.Status != 0 {
			refuse(w, fault.Status, "UNAVAILABLE", s.name+" is out of order")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// realistic takes its time, like the real partner would.
func (s *Server) realistic(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.sleep(r, s.latency.draw())
		next(w, r)
	})
}

// sleep waits for d, the client to hang up or the partner to stop.
func (s *Server) sleep(r *http.Request, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	case <-s.stop:
	}
}

// latency draws how long requests take. Most are near the minimum and a few
// near the maximum, as on a real network.
type latency struct {
	min, spread float64 // nanoseconds
	mu          *sync.Mutex
	random      *rand.Rand
}

func newLatency(r routes, config Config) latency {
	return latency{
		min:    float64(r.min) * config.Latency,
		spread: float64(r.max-r.min) * config.Latency,
		mu:     new(sync.Mutex),
		random: rand.New(rand.NewPCG(config.Seed, uint64(r.max))), // an own sequence for each partner
	}
}

func (l latency) draw() time.Duration {
	l.mu.Lock()
	x := l.random.Float64()
	l.mu.Unlock()
	return time.Duration(l.min + l.spread*x*x*x)
}
