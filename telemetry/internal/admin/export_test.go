package admin

import (
	"net/http"
	"time"
)

// Limits are the limits of a server, for tests.
type Limits struct {
	ReadHeader, Write, Patience, Shutdown time.Duration
	Connections                           int
}

// NewWithin is New with other limits; those that are zero are the usual ones.
func NewWithin(l Limits, config Config, parts Parts) (*Server, error) {
	d := defaultLimits()
	if l.ReadHeader > 0 {
		d.readHeader = l.ReadHeader
	}
	if l.Write > 0 {
		d.write = l.Write
	}
	if l.Patience > 0 {
		d.patience = l.Patience
	}
	if l.Shutdown > 0 {
		d.shutdown = l.Shutdown
	}
	if l.Connections > 0 {
		d.connections = l.Connections
	}
	return d.listen(config, parts)
}

// Handler is what the server serves, for requests from made-up peers.
func (s *Server) Handler() http.Handler { return s.server.Handler }

// OwnHost is ownHost.
func OwnHost(header, own string) bool { return ownHost(header, own) }
