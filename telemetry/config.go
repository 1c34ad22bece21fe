package telemetry

import (
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tutorflow/observability/exporters"
)

// Service names the program that is observed. An empty field is taken from the
// environment: Name from OTEL_SERVICE_NAME, Environment from
// TUTORFLOW_ENVIRONMENT ("development" without it), Revision from the version
// control system by way of the build information.
type Service struct {
	Name        string
	Version     string
	Revision    string
	Environment string
}

// Config is everything about the telemetry that a deployer may want to set. The
// zero value is not useful; start from DefaultConfig or ConfigFromEnv.
type Config struct {
	Service Service
	// Attributes are further attributes of the OpenTelemetry resource.
	Attributes map[string]string
	// Disabled makes everything but logs a no-op: handlers and transports are
	// left as they are, so there are no request ids and no access log either.
	Disabled bool
	Metrics  MetricsConfig
	Traces   TracesConfig
	Log      LogConfig
	HTTP     HTTPConfig
	Shutdown ShutdownConfig
}

// MetricsConfig says where metrics go.
type MetricsConfig struct {
	// Exporters are names of exporters, or "none" alone.
	Exporters []string
	// Interval is the time between two exports of exporters that push.
	Interval time.Duration
}

// TracesConfig says which spans are kept and where they go.
type TracesConfig struct {
	// Exporters are names of exporters, or "none" alone.
	Exporters []string
	// Sampler is one of the names of OTEL_TRACES_SAMPLER; Ratio, from 0 to 1,
	// counts for those with a ratio.
	Sampler string
	Ratio   float64
}

// LogConfig says which lines are written.
type LogConfig struct {
	// Level is the lowest level that is written: debug, info, warn or error.
	Level string
	// Access has a line written for each HTTP request.
	Access bool
}

// HTTPConfig says what is recorded beside the contract's own metrics.
type HTTPConfig struct {
	// SemconvMetrics adds OpenTelemetry's http.server.request.duration.
	SemconvMetrics bool
}

// ShutdownConfig bounds the three steps in which Serve ends.
type ShutdownConfig struct {
	// DrainDelay is how long the service goes on serving while its readiness
	// already fails, so that load balancers notice. It is left out when a person
	// interrupts the program.
	DrainDelay time.Duration
	// GracePeriod is how long requests in flight may take to end.
	GracePeriod time.Duration
	// FlushTimeout is how long the last exports may take.
	FlushTimeout time.Duration
}

// DefaultConfig returns the configuration of a service that is scraped: metrics
// for Prometheus, no spans, logs on stdout. The three steps of the shutdown fit
// into the 30 s that Kubernetes grants.
func DefaultConfig() Config {
	return Config{
		Service:  Service{Environment: "development"},
		Metrics:  MetricsConfig{Exporters: []string{"prometheus"}, Interval: time.Minute},
		Traces:   TracesConfig{Exporters: []string{exporters.None}, Sampler: "parentbased_always_on", Ratio: 1},
		Log:      LogConfig{Level: "info", Access: true},
		HTTP:     HTTPConfig{SemconvMetrics: true},
		Shutdown: ShutdownConfig{DrainDelay: 5 * time.Second, GracePeriod: 15 * time.Second, FlushTimeout: 5 * time.Second},
	}
}

// samplers are the values of OTEL_TRACES_SAMPLER that the SDK implements.
func samplers() []string {
	return []string{"always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"}
}

// Validate reports everything that is wrong with c in one error. The names of
// exporters are checked by New, which knows the exporters.
func (c Config) Validate() error {
	var errs []error
	bad := func(field string, value any, allowed string) {
		errs = append(errs, fmt.Errorf("configure telemetry: %s is %.100q, allowed is %s", field, fmt.Sprint(value), allowed))
	}
	for name, value := range c.Attributes {
		if label := prometheusName(name); !validName(name) || !validName(value) || strings.HasPrefix(label, "__") || slices.Contains(ownAttributes(), label) {
			bad(fmt.Sprintf("Attributes[%.140q] (OTEL_RESOURCE_ATTRIBUTES)", name), "…",
				"a value of 1 to 128 printable bytes, under a name of 1 to 128 that does not become one of the service's own, or one with __ in front, as a label of target_info")
		}
	}
	if !validName(c.Service.Name) {
		bad("Service.Name (OTEL_SERVICE_NAME)", c.Service.Name, "a name of 1 to 128 printable bytes")
	}
	for field, value := range map[string]string{"Version": c.Service.Version, "Revision": c.Service.Revision, "Environment": c.Service.Environment} {
		if value != "" && !validName(value) {
			bad("Service."+field, value, "at most 128 printable bytes")
		}
	}
	if c.Metrics.Interval < time.Millisecond || c.Metrics.Interval > time.Hour {
		bad("Metrics.Interval (OTEL_METRIC_EXPORT_INTERVAL)", c.Metrics.Interval, "1ms to 1h")
	}
	if !slices.Contains(samplers(), c.Traces.Sampler) {
		bad("Traces.Sampler (OTEL_TRACES_SAMPLER)", c.Traces.Sampler, strings.Join(samplers(), ", "))
	}
	if !(c.Traces.Ratio >= 0 && c.Traces.Ratio <= 1) {
		bad("Traces.Ratio (OTEL_TRACES_SAMPLER_ARG)", c.Traces.Ratio, "0 to 1")
	}
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, strings.ToLower(c.Log.Level)) {
		bad("Log.Level (OTEL_LOG_LEVEL)", c.Log.Level, "debug, info, warn, error")
	}
	for field, value := range map[string]time.Duration{
		"DrainDelay (TUTORFLOW_DRAIN_DELAY)": c.Shutdown.DrainDelay, "GracePeriod (TUTORFLOW_GRACE_PERIOD)": c.Shutdown.GracePeriod,
	} {
		if value < 0 || value > 10*time.Minute {
			bad("Shutdown."+field, value, "0s to 10m")
		}
	}
	if c.Shutdown.FlushTimeout < 100*time.Millisecond || c.Shutdown.FlushTimeout > 10*time.Minute {
		bad("Shutdown.FlushTimeout (TUTORFLOW_FLUSH_TIMEOUT)", c.Shutdown.FlushTimeout, "100ms to 10m")
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

func validName(s string) bool {
	return strings.TrimSpace(s) != "" && len(s) <= 128 && utf8.ValidString(s) &&
		!strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// prometheusName is what an attribute is called on target_info.
func prometheusName(attribute string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return '_'
	}, attribute)
}

// ownAttributes are the names on target_info that the service itself sets.
func ownAttributes() []string {
	return []string{"service_name", "service_version", "deployment_environment_name", "telemetry_sdk_language", "telemetry_sdk_name", "job", "instance"}
}

// buildRevision is the commit that the program was built from, if the build
// knew it.
func buildRevision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value
		}
	}
	return ""
}
