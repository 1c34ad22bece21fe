package config

import (
	"net/url"

	"github.com/tutorflow/observability/exporters"
)

// For returns how signal reaches a collector: its own endpoint, completed by
// that of all signals and by the defaults of the specification.
func (o OTLP) For(signal exporters.Signal) exporters.OTLP {
	own := o.of(signal)
	merged := exporters.OTLP{
		Protocol:          first(own.Protocol, o.Protocol),
		Headers:           o.Headers,
		Compression:       first(own.Compression, o.Compression),
		Timeout:           o.Timeout,
		Certificate:       first(own.Certificate, o.Certificate),
		ClientCertificate: first(own.ClientCertificate, o.ClientCertificate),
		ClientKey:         first(own.ClientKey, o.ClientKey),
		Temporality:       o.Temporality,
	}
	if len(own.Headers) > 0 {
		merged.Headers = own.Headers
	}
	if own.Timeout > 0 {
		merged.Timeout = own.Timeout
	}
	switch {
	case own.URL != "":
		merged.Endpoint = own.URL
	case o.URL != "":
		merged.Endpoint = o.URL
		if merged.Protocol == exporters.ProtocolHTTP {
			merged.Endpoint = withPath(merged.Endpoint, signal)
		}
	case merged.Protocol == exporters.ProtocolGRPC:
		merged.Endpoint = "http://localhost:4317"
	default:
		merged.Endpoint = withPath("http://localhost:4318", signal)
	}
	return merged
}

// of is what is different for signal.
func (o OTLP) of(signal exporters.Signal) Endpoint {
	return map[exporters.Signal]Endpoint{exporters.Metrics: o.Metrics, exporters.Traces: o.Traces, exporters.Logs: o.Logs}[signal]
}

func first(own, all string) string {
	if own != "" {
		return own
	}
	return all
}

// withPath appends the path of signal, as the specification has it for the
// endpoint of all signals. The path of a socket is no path of HTTP.
func withPath(endpoint string, signal exporters.Signal) string {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme == "unix" {
		return endpoint
	}
	return u.JoinPath("v1", string(signal)).String()
}
