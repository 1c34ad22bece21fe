package telemetry

import (
	"context"
	"errors"
	"net"
	"net/http"
)

// ServeOn is Serve on a listener that is there already, such as one in memory.
func (t *Telemetry) ServeOn(ctx context.Context, server *http.Server, listener net.Listener, checks Health) error {
	t.prepare(server)
	err := t.run(ctx, server, listener, []Health{checks})
	return errors.Join(err, t.end(ctx, []Health{checks}))
}
