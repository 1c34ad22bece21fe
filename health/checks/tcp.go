package checks

import (
	"context"
	"fmt"
	"net"

	"github.com/tutorflow/observability/health"
)

// TCP connects to host:port and closes the connection at once. It is shown as
// components.external_services.{name}.
func TCP(name, addr string, opts ...health.Option) health.Check {
	check := health.Check{Name: name, Kind: health.KindExternalService}
	if host, port, err := net.SplitHostPort(addr); err != nil || host == "" || port == "" {
		check.Err = fmt.Errorf("addr %q: must be host:port", addr)
		return check.With(opts...)
	}
	check.Run = func(ctx context.Context) error {
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, "tcp", addr)
		if err != nil {
			return err
		}
		return conn.Close()
	}
	return check.With(opts...)
}
