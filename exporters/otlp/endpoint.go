package otlp

import (
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/tutorflow/observability/exporters"
)

// setEndpoint takes the endpoint apart and returns its scheme, "" where it has
// no good one.
func (d *destination) setEndpoint() (scheme string, err error) {
	shown, fail := showEndpoint(d.settings.Endpoint), func(format string, args ...any) error {
		return fmt.Errorf("endpoint %.256q: %s", showEndpoint(d.settings.Endpoint), fmt.Sprintf(format, args...))
	}
	// The error of a URL that cannot be parsed would hold all of it.
	u, parseErr := url.Parse(d.settings.Endpoint)
	switch {
	case shown == "":
		return "", fail("allowed is a URL like %s", d.example())
	case parseErr != nil:
		return "", fail("not a URL like %s", d.example())
	case u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "unix":
		return "", fail("allowed are the schemes http, https and unix, as in %s", d.example())
	case u.User != nil:
		return u.Scheme, fail("user and password are not allowed, credentials go into a header")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return u.Scheme, fail("a query or fragment is not allowed")
	}
	if u.Scheme == "unix" {
		if u.Host != "" || !filepath.IsAbs(u.Path) {
			return "unix", fail("allowed is the absolute path of a socket, as in unix:///run/otel.sock")
		}
		// Over HTTP the path of the request is that of the specification, since
		// the URL has no room for it.
		d.unix, d.address, d.request = true, u.Path, "http://localhost/v1/"+string(d.signal)
		return "unix", nil
	}
	port, number := u.Port(), 0
	if port == "" {
		port = d.defaultPort(u.Scheme)
	}
	number, err = strconv.Atoi(port)
	switch {
	case u.Hostname() == "":
		return u.Scheme, fail("a host is needed, as in %s", d.example())
	case err != nil || number < 1 || number > 65535:
		return u.Scheme, fail("allowed are the ports 1 to 65535")
	case d.settings.Protocol == exporters.ProtocolGRPC && u.Path != "" && u.Path != "/":
		return u.Scheme, fail("gRPC knows no path, allowed is one like %s", d.example())
	}
	d.address = net.JoinHostPort(u.Hostname(), port)
	u.Host = d.address
	d.request = u.String()
	return u.Scheme, nil
}

// defaultPort is the specification's, but with https the one of every URL: those
// without a port mean a vendor's server, not a collector in its first minutes.
func (d *destination) defaultPort(scheme string) string {
	switch {
	case scheme == "https":
		return "443"
	case d.settings.Protocol == exporters.ProtocolGRPC:
		return "4317"
	}
	return "4318"
}

func (d *destination) example() string {
	if d.settings.Protocol == exporters.ProtocolHTTP {
		return "http://localhost:4318/v1/" + string(d.signal)
	}
	return "http://localhost:4317"
}

// showEndpoint is an endpoint without what may be a secret in it.
func showEndpoint(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err == nil && (u.Scheme == "http" || u.Scheme == "https") {
		endpoint = u.Scheme + "://" + u.Host + u.EscapedPath()
	}
	if at := strings.LastIndexByte(endpoint, '@'); at >= 0 {
		endpoint = "…" + endpoint[at:]
	}
	if at := strings.IndexAny(endpoint, "?#"); at >= 0 {
		endpoint = endpoint[:at] + "…"
	}
	return endpoint
}
