package otlp

import (
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"github.com/tutorflow/observability/exporters"
)

const maxTimeout = 10 * time.Minute

// destination is where exports go, after all of it was checked.
type destination struct {
	signal   exporters.Signal
	settings exporters.OTLP
	// request is the URL of a request over HTTP.
	request string
	// address is what is dialled: host:port, or the path of a socket.
	address string
	unix    bool
	// tls is nil for clear text.
	tls *tls.Config
}

// newDestination checks the settings and reads the files that they name. All
// that is wrong is in one error, which holds no value of a header.
func newDestination(signal exporters.Signal, settings exporters.OTLP) (*destination, error) {
	d := &destination{signal: signal, settings: settings}
	var errs []error
	if p := settings.Protocol; p != exporters.ProtocolGRPC && p != exporters.ProtocolHTTP {
		errs = append(errs, fmt.Errorf("protocol %.64q: allowed are %q and %q", p, exporters.ProtocolGRPC, exporters.ProtocolHTTP))
	}
	scheme, err := d.setEndpoint()
	errs = append(errs, err)
	errs = append(errs, d.setTLS(scheme)...)
	if c := settings.Compression; c != "" && c != "none" && c != exporters.CompressionGzip {
		errs = append(errs, fmt.Errorf("compression %.64q: allowed are %q and %q", c, exporters.CompressionGzip, "none"))
	}
	if t := settings.Timeout; t <= 0 || t > maxTimeout {
		errs = append(errs, fmt.Errorf("timeout %v: allowed is more than 0s and at most %v", t, maxTimeout))
	}
	switch t := settings.Temporality; {
	case signal != exporters.Metrics, t == "", t == exporters.TemporalityCumulative, t == exporters.TemporalityDelta, t == exporters.TemporalityLowMemory:
	default:
		errs = append(errs, fmt.Errorf("temporality %.64q: allowed are %q, %q and %q", t, exporters.TemporalityCumulative, exporters.TemporalityDelta, exporters.TemporalityLowMemory))
	}
	errs = append(errs, checkHeaders(settings.Headers)...)

	var all []error
	for _, err := range errs {
		if err != nil {
			all = append(all, fmt.Errorf("open otlp exporter for %s: %w", signal, err))
		}
	}
	if err := errors.Join(all...); err != nil {
		return nil, err
	}
	return d, nil
}
