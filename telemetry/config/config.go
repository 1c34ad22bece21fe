package config

import (
	"time"

	"github.com/tutorflow/observability/exporters"
)

// Config is everything about the telemetry that a deployer may want to set. The
// zero value is not useful; start from Default or Load. What is allowed for each
// field, and what it is called in a file and in the environment, is in
// docs/configuration.md.
type Config struct {
	Service Service
	// Disabled makes everything but logs and health a no-op: handlers and
	// transports are left as they are, so there are no request ids and no access
	// log either.
	Disabled bool
	// Optional has the service start all the same when a setting is wrong, without
	// the part that the setting belongs to.
	Optional bool
	Metrics  Metrics
	Traces   Traces
	Logs     Logs
	OTLP     OTLP
	HTTP     HTTP
	Admin    Admin
	Shutdown Shutdown
}

// Exporters returns the names of the exporters of signal.
func (c *Config) Exporters(signal exporters.Signal) []string { return *c.exporterList(signal) }

func (c *Config) exporterList(signal exporters.Signal) *[]string {
	switch signal {
	case exporters.Metrics:
		return &c.Metrics.Exporters
	case exporters.Traces:
		return &c.Traces.Exporters
	}
	return &c.Logs.Exporters
}

// Service names the program that is observed. A field that code leaves empty is
// taken from the file or the environment, and Revision from the version control
// system by way of the build information.
type Service struct {
	Name        string
	Version     string
	Revision    string
	Environment string
	// Attributes are further attributes of the OpenTelemetry resource.
	Attributes map[string]string
}

// Metrics says where metrics go.
type Metrics struct {
	// Exporters are names of exporters, or "none" alone.
	Exporters []string
	// Interval is the time between two exports of exporters that push, Timeout
	// the most that one may take.
	Interval, Timeout time.Duration
}

// Traces says which spans are kept and where they go.
type Traces struct {
	// Exporters are names of exporters, or "none" alone.
	Exporters []string
	// Sampler is one of the names of OTEL_TRACES_SAMPLER; Ratio, from 0 to 1,
	// counts for those with a ratio.
	Sampler string
	Ratio   float64
	// TrustedPeers are networks in CIDR notation. The trace context of a request
	// that comes from one is taken over as parent, sampling decision included; all
	// others are linked.
	TrustedPeers []string
	Limits       SpanLimits
	Batch        Batch
}

// SpanLimits bounds a span.
type SpanLimits struct {
	// AttributeBytes is the longest text of an attribute.
	AttributeBytes int
	// Attributes, Events and Links are the most that a span may have.
	Attributes, Events, Links int
}

// Batch says how items are collected before they are exported.
type Batch struct {
	// Delay is how long the first item waits for company, Timeout the most that
	// one export may take.
	Delay, Timeout time.Duration
	// Queue is how many items may wait; what comes on top is dropped and counted.
	// Size is the most that one export carries.
	Queue, Size int
}

// Logs says which lines are written and where they go besides stdout.
type Logs struct {
	// Exporters are names of exporters, or "none" alone. "console" is stdout,
	// which is written to in any case.
	Exporters []string
	// Level is the lowest level that is written: debug, info, warn or error.
	Level string
	// Access has a line written for each HTTP request.
	Access bool
	Batch  Batch
}

// OTLP says how collectors are reached: the endpoint of all signals, and what
// is different for one of them.
type OTLP struct {
	Endpoint
	// Temporality is how sums and histograms are sent: cumulative, delta or
	// lowmemory.
	Temporality string
	// Histograms is how histograms are aggregated; the contract's buckets are
	// fixed, so there is one value.
	Histograms            string
	Metrics, Traces, Logs Endpoint
}

// Endpoint is one way to reach a collector. In the endpoints of single signals
// an empty field is that of all signals.
type Endpoint struct {
	// URL has the scheme http, https or unix. /v1/traces and the like are appended
	// over HTTP where the endpoint is that of all signals.
	URL string
	// Insecure is "true", "false" or empty. The scheme of URL decides; what
	// contradicts it is refused.
	Insecure string
	// Protocol is grpc or http/protobuf.
	Protocol string
	// Headers go with each export; the values are secrets.
	Headers map[string]string
	// Compression is gzip or none.
	Compression string
	// Timeout is the most that one export may take, retries included.
	Timeout time.Duration
	// Certificate, ClientCertificate and ClientKey are PEM files: the authorities
	// to check the collector against, and what proves the service to it.
	Certificate, ClientCertificate, ClientKey string
}

// HTTP says what is recorded beside the contract's own metrics.
type HTTP struct {
	// SemconvMetrics adds OpenTelemetry's http.server.request.duration.
	SemconvMetrics bool
}

// Admin is a listener of its own for metrics, health, the effective
// configuration and runtime controls.
type Admin struct {
	// Host is the name or address to listen on, Port the port; port 0 is no
	// listener.
	Host string
	Port int
	// Token is what callers must send as bearer token, if it is not empty.
	Token string
	// Certificate and Key are PEM files; with them the listener speaks TLS.
	Certificate, Key string
	// Profiles adds the profiles of the runtime under /debug/pprof/.
	Profiles bool
}

// Shutdown bounds the three steps in which Serve ends.
type Shutdown struct {
	// DrainDelay is how long the service goes on serving while its readiness
	// already fails, so that load balancers notice. It is left out when a person
	// interrupts the program.
	DrainDelay time.Duration
	// GracePeriod is how long requests in flight may take to end.
	GracePeriod time.Duration
	// FlushTimeout is how long the last exports may take.
	FlushTimeout time.Duration
}

// Default returns the configuration of a service that is scraped: metrics for
// Prometheus, no spans, logs on stdout. The three steps of the shutdown fit into
// the 30 s that Kubernetes grants. What OpenTelemetry's specification has a
// default for is set to that, but for the length of span attributes: without a
// bound six requests with a long User-Agent cost a whole batch.
func Default() Config {
	batch := Batch{Timeout: 30 * time.Second, Queue: 2048, Size: 512}
	spans, records := batch, batch
	spans.Delay, records.Delay = 5*time.Second, time.Second
	return Config{
		Service: Service{Environment: "development"},
		Metrics: Metrics{Exporters: []string{"prometheus"}, Interval: time.Minute, Timeout: 30 * time.Second},
		Traces: Traces{
			Exporters: []string{exporters.None}, Sampler: "parentbased_always_on", Ratio: 1,
			Limits: SpanLimits{AttributeBytes: 256, Attributes: 128, Events: 128, Links: 128}, Batch: spans,
		},
		Logs: Logs{Exporters: []string{exporters.None}, Level: "info", Access: true, Batch: records},
		OTLP: OTLP{
			Endpoint:    Endpoint{Protocol: exporters.ProtocolHTTP, Compression: "none", Timeout: 10 * time.Second},
			Temporality: exporters.TemporalityCumulative, Histograms: "explicit_bucket_histogram",
		},
		HTTP:     HTTP{SemconvMetrics: true},
		Admin:    Admin{Host: "localhost"},
		Shutdown: Shutdown{DrainDelay: 5 * time.Second, GracePeriod: 15 * time.Second, FlushTimeout: 5 * time.Second},
	}
}
