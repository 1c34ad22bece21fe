package config

import (
	"slices"
	"strings"
	"time"

	"github.com/tutorflow/observability/exporters"
)

// samplers are the values of OTEL_TRACES_SAMPLER that the SDK implements.
func samplers() []string {
	return []string{"always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"}
}

// settings are all settings, in the order in which they are documented.
func settings() []setting {
	return slices.Concat(serviceSettings(), metricsSettings(), tracesSettings(), logsSettings(), otlpSettings(), adminSettings(), shutdownSettings())
}

func serviceSettings() []setting {
	name := text("a name of 1 to 128 printable bytes", printable)
	return []setting{
		define("service.name OTEL_SERVICE_NAME", text(name.allowed+", from code, OTEL_SERVICE_NAME or service.name in the file", printable), func(c *Config) *string { return &c.Service.Name },
			"Name of the service, unless code names it.", "tutorflow-api"),
		orNothing(define("service.version", name, func(c *Config) *string { return &c.Service.Version },
			"Version of the service, unless code names it.", "1.4.0")),
		orNothing(define("service.revision", name, func(c *Config) *string { return &c.Service.Revision },
			"Commit that the program was built from; without it, what the build knows.", "8e4149f")),
		define("service.environment TUTORFLOW_ENVIRONMENT", name, func(c *Config) *string { return &c.Service.Environment },
			"Where the service runs; on every log line and in `tutorflow_application_info`.", "production"),
		orNothing(define("service.attributes OTEL_RESOURCE_ATTRIBUTES",
			resourceAttributes(),
			func(c *Config) *map[string]string { return &c.Service.Attributes },
			"Further attributes of the resource. In the variable `service.name`, `service.version` and `deployment.environment.name` set the service where nothing else does.", "team=booking,region=seoul")),
		define("disabled OTEL_SDK_DISABLED", boolean(), func(c *Config) *bool { return &c.Disabled },
			"Everything but log lines and health is a no-op. Requests are not observed, so there are no access log and no request ids either.", "true"),
		define("optional TUTORFLOW_TELEMETRY_OPTIONAL", boolean(), func(c *Config) *bool { return &c.Optional },
			"A wrong setting costs the part that it belongs to, and a line at WARN, in place of the start.", "true"),
		define("http.semconv_metrics TUTORFLOW_HTTP_SEMCONV_METRICS", boolean(), func(c *Config) *bool { return &c.HTTP.SemconvMetrics },
			"OpenTelemetry's `http_server_request_duration_seconds` beside the contract's metrics.", "false"),
	}
}

func metricsSettings() []setting {
	return []setting{
		define("metrics.exporters OTEL_METRICS_EXPORTER", names(), func(c *Config) *[]string { return &c.Metrics.Exporters },
			"Where metrics go: a list of `prometheus`, `otlp`, `console`, or `none`.", "prometheus,otlp"),
		define("metrics.interval OTEL_METRIC_EXPORT_INTERVAL", duration(time.Millisecond, time.Hour, true), func(c *Config) *time.Duration { return &c.Metrics.Interval },
			"Time between two exports of exporters that push.", "15s"),
		define("metrics.timeout OTEL_METRIC_EXPORT_TIMEOUT", duration(10*time.Millisecond, 10*time.Minute, true), func(c *Config) *time.Duration { return &c.Metrics.Timeout },
			"Most that the collection and the export may take together.", "10s"),
	}
}

func tracesSettings() []setting {
	return append([]setting{
		define("traces.exporters OTEL_TRACES_EXPORTER", names(), func(c *Config) *[]string { return &c.Traces.Exporters },
			"Where spans go: a list of `otlp`, `console`, or `none`.", "otlp"),
		define("traces.sampler OTEL_TRACES_SAMPLER", oneOf(samplers()...), func(c *Config) *string { return &c.Traces.Sampler },
			"Which traces are kept.", "parentbased_traceidratio"),
		define("traces.ratio OTEL_TRACES_SAMPLER_ARG", ratio(), func(c *Config) *float64 { return &c.Traces.Ratio },
			"Share of the traces that the samplers with a ratio keep.", "0.1"),
		orNothing(define("traces.trusted_peers TUTORFLOW_TRUSTED_PEERS", networks(), func(c *Config) *[]string { return &c.Traces.TrustedPeers },
			"Networks whose requests bring the parent of the span and its sampling decision; those of all others are linked.", "10.0.0.0/8,fd00::/8")),
		define("traces.limits.attribute_bytes OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", size(16, 4096), func(c *Config) *int { return &c.Traces.Limits.AttributeBytes },
			"Longest text of a span's attribute.", "1KiB"),
		define("traces.limits.attributes OTEL_ATTRIBUTE_COUNT_LIMIT OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", integer(1, 1024), func(c *Config) *int { return &c.Traces.Limits.Attributes },
			"Most attributes of a span.", "64"),
		define("traces.limits.events OTEL_SPAN_EVENT_COUNT_LIMIT", integer(1, 1024), func(c *Config) *int { return &c.Traces.Limits.Events },
			"Most events of a span.", "64"),
		define("traces.limits.links OTEL_SPAN_LINK_COUNT_LIMIT", integer(1, 1024), func(c *Config) *int { return &c.Traces.Limits.Links },
			"Most links of a span.", "64"),
	}, batchSettings("traces.batch", "OTEL_BSP_", "span", func(c *Config) *Batch { return &c.Traces.Batch })...)
}

func logsSettings() []setting {
	return append([]setting{
		define("logs.exporters OTEL_LOGS_EXPORTER", names(), func(c *Config) *[]string { return &c.Logs.Exporters },
			"Where log lines go besides stdout: a list of `otlp`, `console` (which is stdout), or `none`.", "otlp"),
		define("logs.level OTEL_LOG_LEVEL", oneOf("debug", "info", "warn", "error"), func(c *Config) *string { return &c.Logs.Level },
			"Lowest level that is written.", "debug"),
		define("logs.access TUTORFLOW_HTTP_ACCESS_LOG", boolean(), func(c *Config) *bool { return &c.Logs.Access },
			"A line for each request, but for `/metrics` and `/health*`.", "false"),
	}, batchSettings("logs.batch", "OTEL_BLRP_", "record", func(c *Config) *Batch { return &c.Logs.Batch })...)
}

// batchSettings are those of a batch processor. Their bounds keep a wrong value
// from ending the process, as the SDK would have it.
func batchSettings(key, variable, item string, of func(*Config) *Batch) []setting {
	return []setting{
		define(key+".delay "+variable+"SCHEDULE_DELAY", duration(time.Millisecond, time.Minute, true), func(c *Config) *time.Duration { return &of(c).Delay },
			"How long the first "+item+" waits for company.", "1s"),
		define(key+".timeout "+variable+"EXPORT_TIMEOUT", duration(10*time.Millisecond, 10*time.Minute, true), func(c *Config) *time.Duration { return &of(c).Timeout },
			"Most that one export may take.", "10s"),
		define(key+".queue "+variable+"MAX_QUEUE_SIZE", integer(1, 100_000), func(c *Config) *int { return &of(c).Queue },
			"How many "+item+"s may wait; what comes on top is dropped and counted.", "4096"),
		define(key+".size "+variable+"MAX_EXPORT_BATCH_SIZE", integer(1, 4096), func(c *Config) *int { return &of(c).Size },
			"Most "+item+"s that one export carries; not more than the queue holds.", "256"),
	}
}

func adminSettings() []setting {
	return []setting{
		define("admin.host OTEL_EXPORTER_PROMETHEUS_HOST", text("a host name or an address", hostName), func(c *Config) *string { return &c.Admin.Host },
			"Where the admin listener listens.", "0.0.0.0"),
		define("admin.port OTEL_EXPORTER_PROMETHEUS_PORT", integer(0, 65535), func(c *Config) *int { return &c.Admin.Port },
			"Port of the admin listener: metrics, health, effective configuration, runtime controls. 0 is no such listener; where only the host is set, the port is 9464.", "9464"),
		hide(orNothing(define("admin.token TUTORFLOW_ADMIN_TOKEN", text("8 to 256 printable ASCII characters without spaces", bearerToken), func(c *Config) *string { return &c.Admin.Token },
			"Bearer token that callers must send. Without one the controls answer callers on the same machine only.", "${ADMIN_TOKEN}"))),
		orNothing(define("admin.certificate TUTORFLOW_ADMIN_CERTIFICATE", path(), func(c *Config) *string { return &c.Admin.Certificate },
			"Certificate of the admin listener, a PEM file; with `admin.key` it speaks TLS.", "/etc/tls/tls.crt")),
		orNothing(define("admin.key TUTORFLOW_ADMIN_KEY", path(), func(c *Config) *string { return &c.Admin.Key },
			"Key of the certificate, a PEM file.", "/etc/tls/tls.key")),
		define("admin.profiles TUTORFLOW_ADMIN_PROFILES", boolean(), func(c *Config) *bool { return &c.Admin.Profiles },
			"Profiles of the Go runtime under `/debug/pprof/`.", "true"),
	}
}

func shutdownSettings() []setting {
	return []setting{
		define("shutdown.drain_delay TUTORFLOW_DRAIN_DELAY", duration(0, 10*time.Minute, false), func(c *Config) *time.Duration { return &c.Shutdown.DrainDelay },
			"How long the service goes on serving after its readiness fails.", "10s"),
		define("shutdown.grace_period TUTORFLOW_GRACE_PERIOD", duration(0, 10*time.Minute, false), func(c *Config) *time.Duration { return &c.Shutdown.GracePeriod },
			"How long requests in flight may take to end.", "15s"),
		define("shutdown.flush_timeout TUTORFLOW_FLUSH_TIMEOUT", duration(100*time.Millisecond, 10*time.Minute, false), func(c *Config) *time.Duration { return &c.Shutdown.FlushTimeout },
			"How long the last exports may take.", "5s"),
	}
}

// names are names of exporters; that they exist is checked where the exporters
// are known.
func names() kind[[]string] {
	return words("names of exporters, or "+exporters.None+" alone", func(list []string) bool {
		return len(list) > 0 && !slices.ContainsFunc(list, func(s string) bool { return !printable(s) || strings.ContainsAny(s, ", ") })
	})
}
