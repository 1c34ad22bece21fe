package admin

import (
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"
)

// connections is a listener that has at most so many connections open. When
// another one comes, it takes the place of the one that has waited longest for a
// request: clients that keep connections, or say nothing on them, must not keep
// probes out. Where all of them are being served, it waits.
type connections struct {
	net.Listener
	most int
	// patience is how long a new connection may take to its first request before
	// it makes room.
	patience time.Duration

	mu   sync.Mutex
	open map[net.Conn]connection
	// freed holds an element when there may be room.
	freed chan struct{}
	// closed is closed when the listener is.
	closed    chan struct{}
	closeOnce sync.Once
}

// connection is what a connection does since when.
type connection struct {
	state http.ConnState
	since time.Time
}

func newConnections(listener net.Listener, most int, patience time.Duration) *connections {
	return &connections{
		Listener: listener, most: most, patience: patience,
		open: make(map[net.Conn]connection), freed: make(chan struct{}, 1), closed: make(chan struct{}),
	}
}

// Accept is called by one goroutine.
func (c *connections) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err != nil {
		return nil, err
	}
	for !c.admit(conn) {
		select {
		case <-c.freed:
		case <-time.After(c.patience / 4):
		case <-c.closed:
			_ = conn.Close() // Nothing was read from it, nor written.
			return nil, net.ErrClosed
		}
	}
	return conn, nil
}

// admit takes conn in, in the place of another if need be, and reports whether
// there was one.
func (c *connections) admit(conn net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.open) >= c.most {
		longest, found := c.waiting()
		if !found {
			return false
		}
		_ = longest.Close() // Its goroutine in the server ends with it.
		delete(c.open, longest)
	}
	c.open[conn] = connection{http.StateNew, time.Now()}
	return true
}

// waiting needs the lock.
func (c *connections) waiting() (longest net.Conn, found bool) {
	now := time.Now()
	since := now
	for conn, is := range c.open {
		waits := is.state == http.StateIdle || is.state == http.StateNew && now.Sub(is.since) >= c.patience
		if waits && (!found || is.since.Before(since)) {
			longest, since, found = conn, is.since, true
		}
	}
	return longest, found
}

// changed is the server's ConnState.
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	c.mu.Lock()
	if _, open := c.open[conn]; open {
		switch state {
		case http.StateNew: // Since it was admitted.
		case http.StateClosed, http.StateHijacked:
			delete(c.open, conn)
		default:
			c.open[conn] = connection{state, time.Now()}
		}
	}
	c.mu.Unlock()
	select {
	case c.freed <- struct{}{}:
	default:
	}
}

// Close stops listening. Connections stay.
func (c *connections) Close() error {
	c.closeOnce.Do(func() { close(c.closed) })
	return c.Listener.Close()
}
