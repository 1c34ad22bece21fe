package otlpcollector

import (
	"net"
	"sync"
)

// listener knows its connections, and what they begin with.
type listener struct {
	net.Listener
	collector *Collector

	mu   sync.Mutex
	open map[net.Conn]struct{}
}

func (l *listener) Accept() (net.Conn, error) {
	for {
		inner, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		l.collector.recorder.connected()
		c := &conn{Conn: inner, listener: l}
		l.mu.Lock()
		l.open[c] = struct{}{}
		l.mu.Unlock()
		if l.collector.Behaviour().Close {
			_ = c.Close()
			continue
		}
		return c, nil
	}
}

// closeAll closes the connections that are open now.
func (l *listener) closeAll() {
	l.mu.Lock()
	var open []net.Conn
	for c := range l.open {
		open = append(open, c)
	}
	l.mu.Unlock()
	for _, c := range open {
		_ = c.Close()
	}
}

type conn struct {
	net.Conn
	listener *listener
	first    sync.Once
}

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.first.Do(func() { c.listener.collector.recorder.began(p[0]) })
	}
	return n, err
}

func (c *conn) Close() error {
	c.listener.mu.Lock()
	delete(c.listener.open, c)
	c.listener.mu.Unlock()
	return c.Conn.Close()
}
