package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"

	"github.com/tutorflow/observability/examples/tutorflow/traffic"
)

// Run serves until ctx ends or the process is told to end, and then closes
// everything. It returns nil after an orderly end.
func (a *App) Run(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, a.Close(ctx)) }()
	sending, stopSending := context.WithCancel(context.WithoutCancel(ctx))
	defer stopSending()
	var sender sync.WaitGroup
	defer sender.Wait()
	defer stopSending()

	server := &http.Server{Addr: a.config.Address, Handler: a.mux}
	// The hook is called once the server listens.
	server.BaseContext = func(listener net.Listener) context.Context {
		url := "http://" + listener.Addr().String()
		a.banner(url)
		sender.Go(func() { _ = traffic.Run(sending, url, a.config.Traffic) })
		return context.WithoutCancel(ctx)
	}
	server.RegisterOnShutdown(stopSending)
	return a.tel.Serve(ctx, server, a.checks)
}

func (a *App) banner(url string) {
	if a.config.Banner == nil {
		return
	}
	_, _ = fmt.Fprintf(a.config.Banner, "tutorflow %s\n  API      %s/api/v1/bookings\n  metrics  %s/metrics\n  health   %s/health/detailed\n", Version, url, url, url)
	if a.config.Admin != "" {
		_, _ = fmt.Fprintf(a.config.Banner, "  admin    http://%s\n", a.config.Admin)
	}
	if a.config.Traffic > 0 {
		_, _ = fmt.Fprintf(a.config.Banner, "  traffic  %g requests a second\n", a.config.Traffic)
	}
}
