package telemetry

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"reflect"
	"sync"
	"syscall"
	"time"

	"go.uber.org/zap"
)

// Health is what Serve does with the health checks of a service, like
// health.Checker.
type Health interface {
	HealthSource
	// Drain makes readiness fail from now on.
	Drain()
	// Shutdown ends the checks.
	Shutdown(context.Context) error
}

// The limits that Serve gives a server that has none. They bound what a client
// can make the service keep.
const (
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 32 << 10
)

// Serve serves until ctx ends or the process is told to end, and then winds
// down: readiness fails, the drain delay passes, requests in flight end, and
// what telemetry is left is exported. Then everything is shut down, t and the
// checks included, and Serve returns nil if serving and the checks ended well.
// Telemetry that is lost at the end is a line at WARN and no error.
//
// It observes the server's handler and, where the server has none of its own,
// sets a read-header timeout of 10 s, an idle timeout of 2 min and a header
// limit of 32 KiB. SIGTERM and an interrupt end it, the latter without a drain
// delay; a second one ends the process at once, unless the program has asked
// package signal for it. With a TLSConfig it serves TLS.
//
// Without checks nothing tells load balancers, so there is no drain delay. A
// port that is in use is an error at once.
func (t *Telemetry) Serve(ctx context.Context, server *http.Server, checks ...Health) (err error) {
	defer func() { err = errors.Join(err, t.end(ctx, checks)) }()
	if server == nil {
		return errors.New("serve: server <nil>: an *http.Server is needed")
	}
	for _, c := range checks {
		if isNil(c) {
			return errors.New("serve: checks <nil>: leave them out or give a checker")
		}
		// Not stopped before the last export, which ends it too.
		if _, err := t.ObserveHealth(c); err != nil {
			return fmt.Errorf("serve: %w", err)
		}
	}
	t.prepare(server)

	address := server.Addr
	if address == "" {
		address = ":http"
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		if t.admin != nil && samePort(t.admin.Addr(), address) {
			return fmt.Errorf("serve: %w: the admin listener has the port, see admin.port (%s)", err, t.loaded.Source("admin.port"))
		}
		return fmt.Errorf("serve: %w", err)
	}
	return t.run(ctx, server, listener, checks)
}

// samePort reports whether address has the port of taken.
func samePort(taken net.Addr, address string) bool {
	_, port, err := net.SplitHostPort(address)
	_, other, otherErr := net.SplitHostPort(taken.String())
	return err == nil && otherErr == nil && port == other
}

// prepare observes the handler of server and bounds what a client may do.
func (t *Telemetry) prepare(server *http.Server) {
	server.Handler = t.Handler(server.Handler)
	if server.ReadHeaderTimeout == 0 {
		server.ReadHeaderTimeout = readHeaderTimeout
	}
	if server.IdleTimeout == 0 {
		server.IdleTimeout = idleTimeout
	}
	if server.MaxHeaderBytes == 0 {
		server.MaxHeaderBytes = maxHeaderBytes
	}
}

func (t *Telemetry) run(ctx context.Context, server *http.Server, listener net.Listener, checks []Health) error {
	log := t.log.Logger()
	log.Info("serving", zap.String("address", listener.Addr().String()), zap.Bool("telemetry_disabled", t.config.Disabled),
		zap.Strings("metrics", t.config.Metrics.Exporters), zap.Strings("traces", t.config.Traces.Exporters), zap.Strings("logs", t.config.Logs.Exporters))
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)

	failed := make(chan error, 1)
	go func() {
		if server.TLSConfig != nil {
			failed <- server.ServeTLS(listener, "", "")
			return
		}
		failed <- server.Serve(listener)
	}()

	delay, cause := t.config.Shutdown.DrainDelay, "context ended"
	select {
	case err := <-failed:
		delay, cause = 0, "server ended"
		failed <- err
	case received := <-signals:
		cause = received.String()
		// From here on a second signal has its default effect.
		signal.Stop(signals)
		if received == os.Interrupt {
			delay = 0
		}
	case <-ctx.Done():
		// The first signal is still ahead and changes nothing any more.
		ended := make(chan struct{})
		var waiting sync.WaitGroup
		waiting.Go(func() {
			select {
			case <-signals:
				signal.Stop(signals)
			case <-ended:
			}
		})
		defer waiting.Wait()
		defer close(ended)
	}
	if len(checks) == 0 {
		delay = 0
	}
	for _, c := range checks {
		c.Drain()
	}
	log.Info("draining", zap.String("cause", cause), zap.Duration("delay", delay))
	time.Sleep(delay)

	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.config.Shutdown.GracePeriod)
	defer cancel()
	err := server.Shutdown(grace)
	if err != nil {
		err = errors.Join(fmt.Errorf("serve: end requests in flight: %w", err), server.Close())
	}
	if served := <-failed; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, fmt.Errorf("serve: %w", served))
	}
	log.Info("stopped serving", zap.Error(err))
	return err
}

// end shuts the checks and the telemetry down side by side, so that a check
// that hangs does not cost the last export. Nor does it keep the process: what
// does not honour its context is left behind.
func (t *Telemetry) end(ctx context.Context, checks []Health) error {
	flush, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.config.Shutdown.FlushTimeout)
	defer cancel()
	moment := t.config.Shutdown.FlushTimeout / 20
	errs := make([]error, len(checks))
	var parts sync.WaitGroup
	for i, c := range checks {
		if !isNil(c) {
			checks := stop{"health checks", c.Shutdown}
			parts.Go(func() { errs[i] = checks.run(flush, moment) })
		}
	}
	// What telemetry loses at the end is told in its log: a collector that is down
	// must not make an orderly end look like a crash.
	_ = t.Shutdown(ctx)
	parts.Wait()
	return errors.Join(errs...)
}

// isNil tells of a nil checker, inside the interface as well.
func isNil(c Health) bool {
	if c == nil {
		return true
	}
	v := reflect.ValueOf(c)
	return v.Kind() == reflect.Pointer && v.IsNil()
}
