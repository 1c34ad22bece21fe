package exporters

import "time"

// The protocols of OTLP.
const (
	ProtocolGRPC = "grpc"
	ProtocolHTTP = "http/protobuf"
)

// The temporalities of metrics over OTLP, as
// OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE names them.
const (
	TemporalityCumulative = "cumulative"
	TemporalityDelta      = "delta"
	TemporalityLowMemory  = "lowmemory"
)

// CompressionGzip is the only compression; "" and "none" are none.
const CompressionGzip = "gzip"

// OTLP says how one signal reaches a collector. What the specification of the
// OTLP exporter has as variables is a field here; its defaults were applied.
type OTLP struct {
	// Protocol is ProtocolGRPC or ProtocolHTTP.
	Protocol string
	// Endpoint is a URL with the scheme http, https or unix. Over HTTP its path is
	// used as it is, /v1/traces and the like included.
	Endpoint string
	// Headers go with each export. Their values may be secrets.
	Headers map[string]string
	// Compression is CompressionGzip, "none" or "".
	Compression string
	// Timeout bounds one export, all its attempts included.
	Timeout time.Duration
	// Certificate is a PEM file with the authorities that the collector's
	// certificate is checked against, in place of the system's.
	Certificate string
	// ClientCertificate and ClientKey are PEM files that prove who the client is.
	ClientCertificate, ClientKey string
	// Temporality is how sums and histograms are sent; "" is cumulative.
	Temporality string
}
