package admin

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// limits are what a client may cost.
type limits struct {
	readHeader, read, write, idle time.Duration
	connections                   int
	// patience is how long a new connection may take to its first request when
	// others want its place.
	patience time.Duration
	// shutdown bounds how long requests are waited for at the end.
	shutdown time.Duration
}

func defaultLimits() limits {
	return limits{
		readHeader: 5 * time.Second,
		read:       10 * time.Second,
		// Longer than a scrape takes at most.
		write:       15 * time.Second,
		idle:        time.Minute,
		connections: 64,
		patience:    500 * time.Millisecond,
		// net/http keeps a connection that it closes for half a second, in which it
		// counts as busy.
		shutdown: time.Second,
	}
}

// maxHeaderBytes is ample for a token and what a browser adds.
const maxHeaderBytes = 16 << 10

// Server is a listener that serves. It is safe for concurrent use.
type Server struct {
	config   Config
	parts    Parts
	limits   limits
	health   atomic.Pointer[http.Handler]
	server   *http.Server
	listener *connections
	served   chan struct{}
	// serving is the number of requests that are being served.
	serving atomic.Int64
	// closing is closed when the server begins to shut down.
	closing chan struct{}

	shutdown sync.Once
	result   error
}

// New binds the address and serves on it until Shutdown.
func New(config Config, parts Parts) (*Server, error) {
	return defaultLimits().listen(config, parts)
}

func (l limits) listen(config Config, parts Parts) (*Server, error) {
	if err := config.Check(); err != nil {
		return nil, err
	}
	if parts.Changed == nil {
		parts.Changed = func(Change) {}
	}
	if parts.Refused == nil {
		parts.Refused = func(catalog.Refusal) {}
	}
	if parts.Failed == nil {
		parts.Failed = func(error) {}
	}
	s := &Server{config: config, parts: parts, limits: l, served: make(chan struct{}), closing: make(chan struct{})}
	s.server = &http.Server{
		Handler:                      s.handler(),
		ReadHeaderTimeout:            l.readHeader,
		ReadTimeout:                  l.read,
		WriteTimeout:                 l.write,
		IdleTimeout:                  l.idle,
		MaxHeaderBytes:               maxHeaderBytes,
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     log.New(errorLog{parts.Failed}, "", 0),
		// Over HTTP/2 one connection has many requests, which its limit would not
		// bound.
		Protocols: new(http.Protocols),
	}
	s.server.Protocols.SetHTTP1(true)
	// Whoever makes the server has no context that matters to a listener.
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", config.Address)
	if err != nil {
		return nil, fmt.Errorf("listen for admin: %w", err)
	}
	s.listener = newConnections(listener, l.connections, l.patience)
	s.server.ConnState = s.listener.changed
	go s.serve()
	return s, nil
}

func (s *Server) serve() {
	defer close(s.served)
	serve := s.server.Serve
	if s.config.tls() {
		s.server.TLSConfig = &tls.Config{GetCertificate: s.config.load}
		serve = func(l net.Listener) error { return s.server.ServeTLS(l, "", "") }
	}
	if err := serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		s.fail(err)
	}
}

// Addr returns the address that is bound.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// SetHealth gives the server what serves /health and /health/…, whose paths
// reach it whole. Until then, and with nil, they answer 404.
func (s *Server) SetHealth(health http.Handler) {
	if health == nil {
		s.health.Store(nil)
		return
	}
	s.health.Store(&health)
}

// Shutdown stops listening, ends profiles and waits for the requests that are
// served, a second at most; what is left of them then, or when ctx ends, is
// cut off, which is an error. That of connections without a request is none. The
// first call decides; later ones wait for it and return the same.
func (s *Server) Shutdown(ctx context.Context) error {
	s.shutdown.Do(func() {
		close(s.closing)
		ctx, cancel := context.WithTimeout(ctx, s.limits.shutdown)
		defer cancel()
		if err := s.server.Shutdown(ctx); err != nil {
			// The server takes connections for busy that were never used, or that only
			// linger after their last answer.
			if s.serving.Load() > 0 {
				s.result = fmt.Errorf("shut down admin: requests are cut off: %w", err)
			}
			s.result = errors.Join(s.result, s.server.Close())
		}
		<-s.served
	})
	return s.result
}

func (s *Server) fail(cause any) {
	s.parts.Failed(fmt.Errorf("serve admin: %s", cut(fmt.Sprint(cause))))
}

// errorLog passes what net/http would print on stderr to the operator's log.
type errorLog struct{ failed func(error) }

func (l errorLog) Write(line []byte) (int, error) {
	l.failed(fmt.Errorf("serve admin: %s", cut(strings.TrimSpace(string(line)))))
	return len(line), nil
}

// cut bounds a text that others wrote.
func cut(text string) string {
	const most = 500
	if len(text) > most {
		text = text[:most] + "…"
	}
	return strings.ToValidUTF8(text, "�")
}
