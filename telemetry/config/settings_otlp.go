package config

import (
	"strings"
	"time"

	"github.com/tutorflow/observability/exporters"
)

// otlpSettings are those of the endpoint of all signals, and then of each signal
// where it differs.
func otlpSettings() []setting {
	all := endpointSettings("otlp", "OTEL_EXPORTER_OTLP_", "", func(c *Config) *Endpoint { return &c.OTLP.Endpoint })
	all = append(all,
		define("otlp.temporality OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
			oneOf(exporters.TemporalityCumulative, exporters.TemporalityDelta, exporters.TemporalityLowMemory), func(c *Config) *string { return &c.OTLP.Temporality },
			"How sums and histograms are sent. The metrics of the Go runtime and the process are cumulative in any case.", "delta"),
		define("otlp.histograms OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
			oneOf("explicit_bucket_histogram"), func(c *Config) *string { return &c.OTLP.Histograms },
			"How histograms are aggregated; the buckets are part of the contract.", "explicit_bucket_histogram"))
	for _, signal := range []struct {
		key, variable string
		of            func(*Config) *Endpoint
	}{
		{"metrics", "METRICS_", func(c *Config) *Endpoint { return &c.OTLP.Metrics }},
		{"traces", "TRACES_", func(c *Config) *Endpoint { return &c.OTLP.Traces }},
		{"logs", "LOGS_", func(c *Config) *Endpoint { return &c.OTLP.Logs }},
	} {
		for _, s := range endpointSettings("otlp."+signal.key, "OTEL_EXPORTER_OTLP_"+signal.variable, " of "+signal.key, signal.of) {
			all = append(all, orNothing(s))
		}
	}
	return all
}

func endpointSettings(key, variable, of string, field func(*Config) *Endpoint) []setting {
	url, example := "URL"+of+", with the scheme http, https or unix.", "http://collector:4318"
	if signal, one := strings.CutPrefix(of, " of "); one {
		example += "/v1/" + signal
	} else {
		url += " Over HTTP `/v1/traces` and the like are appended. Without it, localhost and the port of the protocol, in clear."
	}
	return []setting{
		orNothing(define(key+".endpoint "+variable+"ENDPOINT", endpoint(), func(c *Config) *string { return &field(c).URL },
			url, example)),
		orNothing(define(key+".insecure "+variable+"INSECURE", eitherWay(), func(c *Config) *string { return &field(c).Insecure },
			"The scheme of the endpoint"+of+" decides whether it is sent to in clear; what contradicts it is refused.", "true")),
		define(key+".protocol "+variable+"PROTOCOL", oneOf(exporters.ProtocolGRPC, exporters.ProtocolHTTP), func(c *Config) *string { return &field(c).Protocol },
			"Protocol"+of+".", "grpc"),
		hide(orNothing(define(key+".headers "+variable+"HEADERS", pairs("names and values of HTTP headers; in the variable key=value, percent-encoded and separated by commas", header), func(c *Config) *map[string]string { return &field(c).Headers },
			"Headers that go with each export"+of+".", "authorization=Bearer%20${TOKEN}"))),
		define(key+".compression "+variable+"COMPRESSION", oneOf(exporters.CompressionGzip, "none"), func(c *Config) *string { return &field(c).Compression },
			"Compression"+of+".", "gzip"),
		define(key+".timeout "+variable+"TIMEOUT", duration(10*time.Millisecond, 10*time.Minute, true), func(c *Config) *time.Duration { return &field(c).Timeout },
			"Most that one export"+of+" may take, retries included.", "5s"),
		orNothing(define(key+".certificate "+variable+"CERTIFICATE", path(), func(c *Config) *string { return &field(c).Certificate },
			"PEM file of the authorities that the collector"+of+" is checked against, in place of the system's.", "/etc/otel/ca.pem")),
		orNothing(define(key+".client_certificate "+variable+"CLIENT_CERTIFICATE", path(), func(c *Config) *string { return &field(c).ClientCertificate },
			"PEM file that proves the service to the collector"+of+".", "/etc/otel/client.pem")),
		orNothing(define(key+".client_key "+variable+"CLIENT_KEY", path(), func(c *Config) *string { return &field(c).ClientKey },
			"PEM file with the key of the client certificate"+of+".", "/etc/otel/client.key")),
	}
}

// header reports whether a header can go with each export. A value of nothing
// but = is what is left of a token that was given in the place of a pair.
func header(name, value string) bool {
	return exporters.ValidHeader(name, value) && strings.Trim(value, "=") != ""
}

// eitherWay is a boolean that may be left out.
func eitherWay() kind[string] {
	k := oneOf("true", "false")
	k.schema = map[string]any{"enum": []any{true, false, "true", "false"}}
	return k
}
