package otlp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"google.golang.org/grpc"

	"github.com/tutorflow/observability/exporters"
)

var errShutdown = errors.New("otlp exporter is shut down")

// session is the life of an opened exporter and its connection, of which it has
// the one or the other.
type session struct {
	*destination
	conn   *grpc.ClientConn
	client *http.Client
	late   error // the cause of an export's end at its timeout

	ended context.Context // ends the exports that a shutdown does not wait for
	end   context.CancelFunc

	mu      sync.Mutex
	exports int // under way
	stopped bool
	idle    chan struct{} // closed once stopped and without exports

	once sync.Once
	err  error // of the shutdown
}

// open makes a session. It does not connect.
func open(signal exporters.Signal, settings exporters.Settings) (*session, error) {
	destination, err := newDestination(signal, settings.OTLP)
	if err != nil {
		return nil, err
	}
	s := &session{destination: destination, idle: make(chan struct{}), late: fmt.Errorf("export timeout of %v: %w", settings.OTLP.Timeout, context.DeadlineExceeded)}
	rejected := rejections{settings.Rejected, settings.OTLP.Headers}
	if settings.OTLP.Protocol == exporters.ProtocolGRPC {
		if s.conn, err = newConn(destination, rejected); err != nil {
			return nil, s.failed(err)
		}
	} else {
		s.client = newClient(destination, rejected)
	}
	s.ended, s.end = context.WithCancel(context.Background())
	return s, nil
}

// failed cleans up after an exporter that could not be opened.
func (s *session) failed(err error) error {
	return errors.Join(fmt.Errorf("open otlp exporter for %s: %w", s.signal, err), s.close())
}

func (s *session) close() error {
	if s.client != nil {
		s.client.CloseIdleConnections()
	}
	if s.conn != nil {
		return s.conn.Close()
	}
	return nil
}

// export runs one export within the timeout.
func (s *session) export(ctx context.Context, items int, do func(context.Context) error) error {
	s.mu.Lock()
	if s.stopped {
		s.mu.Unlock()
		return errShutdown
	}
	s.exports++
	s.mu.Unlock()
	defer s.done()

	ctx, cancel := context.WithTimeoutCause(withItems(ctx, items), s.settings.Timeout, s.late)
	defer cancel()
	defer context.AfterFunc(s.ended, cancel)()
	if err := do(ctx); err != nil {
		return s.failure(err)
	}
	return nil
}

func (s *session) done() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.exports--
	if s.stopped && s.exports == 0 {
		close(s.idle)
	}
}

// shutdown lets the exports that are under way end until ctx does, and breaks
// off what is left then, which is an error. The connection is closed in any
// case.
func (s *session) shutdown(ctx context.Context, inner func(context.Context) error) error {
	s.once.Do(func() {
		s.mu.Lock()
		s.stopped = true
		waiting := s.exports > 0
		s.mu.Unlock()
		if waiting {
			select {
			case <-s.idle:
			case <-ctx.Done():
				s.err = fmt.Errorf("export of %s broken off: %w", s.signal, ctx.Err())
				s.end()
				<-s.idle
			}
		}
		s.end()
		// There is nothing left to wait for.
		s.err = errors.Join(s.err, inner(context.WithoutCancel(ctx)), s.close())
	})
	return s.err
}
