package telemetry

import (
	"net/http"
	"net/netip"
)

// trusted returns what tells the peers whose trace context is taken over: those
// of the configured networks, and those that code names. It is nil where there
// are none.
func (t *Telemetry) trusted() func(*http.Request) bool {
	var networks []netip.Prefix
	for _, text := range t.config.Traces.TrustedPeers {
		if network, err := netip.ParsePrefix(text); err == nil { // Validate has seen it
			networks = append(networks, network.Masked())
		}
	}
	if len(networks) == 0 {
		return t.options.trusted
	}
	return func(r *http.Request) bool {
		// The peer of the connection. What a header says of it anybody can write.
		if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
			address := peer.Addr().Unmap().WithZone("")
			for _, network := range networks {
				if network.Contains(address) {
					return true
				}
			}
		}
		return t.options.trusted != nil && t.options.trusted(r)
	}
}
