package otlpcollector

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tutorflow/observability/exporters"
)

// Options say where a collector listens and what it speaks there.
type Options struct {
	// Protocol is exporters.ProtocolGRPC or exporters.ProtocolHTTP.
	Protocol string
	// Address is host:port, or unix: and the path of a socket; "" is a free port
	// of 127.0.0.1.
	Address string
	// TLS is the configuration of the server; nil is clear text.
	TLS *tls.Config
}

// Collector is a collector that takes exports.
type Collector struct {
	options  Options
	network  string
	address  string // as it is listened on, with the port that was found
	recorder recorder
	behaviour

	mu  sync.Mutex // serialises Stop, Restart and Close
	run *run       // nil while stopped
}

// leave is how long a stop waits for answers to reach their clients.
const leave = time.Second

// server is what serves one protocol until it is closed.
type server interface {
	serve(net.Listener) error
	close()
}

// run is the time between a start and a stop.
type run struct {
	ctx      context.Context
	cancel   context.CancelFunc
	listener *listener
	server   server
	served   chan struct{}

	mu      sync.Mutex
	stopped bool
	exports sync.WaitGroup
}

// New starts a collector. Close stops it.
func New(options Options) (*Collector, error) {
	if options.Protocol != exporters.ProtocolGRPC && options.Protocol != exporters.ProtocolHTTP {
		return nil, fmt.Errorf("start collector: protocol %q: allowed are %q and %q", options.Protocol, exporters.ProtocolGRPC, exporters.ProtocolHTTP)
	}
	c := &Collector{options: options, network: "tcp", address: options.Address}
	c.behaviour.changed = make(chan struct{})
	if path, ok := strings.CutPrefix(options.Address, "unix:"); ok {
		c.network, c.address = "unix", path
	} else if options.Address == "" {
		c.address = "127.0.0.1:0"
	}
	if err := c.Restart(); err != nil {
		return nil, err
	}
	c.address = c.run.listener.Addr().String()
	return c, nil
}

// Start is New for a test, at whose end the collector is closed.
func Start(tb testing.TB, options Options) *Collector {
	tb.Helper()
	c, err := New(options)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.Close)
	return c
}

// Base returns the URL of the collector without the path of a signal, as
// OTEL_EXPORTER_OTLP_ENDPOINT takes it.
func (c *Collector) Base() string {
	switch {
	case c.network == "unix":
		return "unix:" + c.address
	case c.options.TLS != nil:
		return "https://" + c.address
	}
	return "http://" + c.address
}

// URL returns where the collector takes signal.
func (c *Collector) URL(signal exporters.Signal) string {
	if c.network == "unix" || c.options.Protocol == exporters.ProtocolGRPC {
		return c.Base()
	}
	return c.Base() + "/v1/" + string(signal)
}

// Restart listens again after Stop, on the same address. It does nothing while
// the collector runs.
func (c *Collector) Restart() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.run != nil {
		return nil
	}
	if c.network == "unix" {
		if err := os.Remove(c.address); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("start collector: %w", err)
		}
	}
	inner, err := net.Listen(c.network, c.address)
	if err != nil {
		return fmt.Errorf("start collector: %w", err)
	}
	r := &run{served: make(chan struct{})}
	r.listener = &listener{Listener: inner, collector: c, open: make(map[net.Conn]struct{})}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	if c.options.Protocol == exporters.ProtocolGRPC {
		r.server = newGRPCServer(c, r)
	} else {
		r.server = newHTTPServer(c, r)
	}
	c.run = r
	c.behaviour.onClose(r.listener.closeAll)
	go func() {
		defer close(r.served)
		// The error is that of a closed listener.
		_ = r.server.serve(r.listener)
	}()
	return nil
}

// Stop closes the listener and all connections, so that the next ones are
// refused, and waits until no export is under way. What was recorded stays.
func (c *Collector) Stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.run == nil {
		return
	}
	r := c.run
	c.run = nil
	c.behaviour.onClose(nil)
	r.mu.Lock()
	r.stopped = true
	r.mu.Unlock()
	r.cancel()
	r.server.close()
	r.listener.closeAll()
	<-r.served
	r.exports.Wait()
}

// Close is Stop, for good.
func (c *Collector) Close() { c.Stop() }

// begin notes that an export is under way; it is false once the run has
// stopped. The caller calls end.
func (r *run) begin() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.stopped {
		r.exports.Add(1)
	}
	return !r.stopped
}

func (r *run) end() { r.exports.Done() }
