package telemetry

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ConfigFromEnv returns DefaultConfig with what lookup, mostly os.LookupEnv,
// has to say. A variable that is empty counts as unset, as the OpenTelemetry
// specification demands. Everything that is wrong is in one error, which names
// the variables and never a secret.
//
// It reads OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_SDK_DISABLED,
// OTEL_METRICS_EXPORTER, OTEL_METRIC_EXPORT_INTERVAL, OTEL_TRACES_EXPORTER,
// OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG, OTEL_LOGS_EXPORTER,
// OTEL_LOG_LEVEL, TUTORFLOW_ENVIRONMENT, TUTORFLOW_HTTP_SEMCONV_METRICS,
// TUTORFLOW_HTTP_ACCESS_LOG, TUTORFLOW_DRAIN_DELAY, TUTORFLOW_GRACE_PERIOD and
// TUTORFLOW_FLUSH_TIMEOUT.
func ConfigFromEnv(lookup func(string) (string, bool)) (Config, error) {
	c := DefaultConfig()
	e := env{lookup: lookup}

	e.attributes("OTEL_RESOURCE_ATTRIBUTES", &c)
	e.text("OTEL_SERVICE_NAME", &c.Service.Name)
	e.text("TUTORFLOW_ENVIRONMENT", &c.Service.Environment)
	e.boolean("OTEL_SDK_DISABLED", &c.Disabled)

	e.list("OTEL_METRICS_EXPORTER", &c.Metrics.Exporters)
	e.milliseconds("OTEL_METRIC_EXPORT_INTERVAL", &c.Metrics.Interval)
	e.list("OTEL_TRACES_EXPORTER", &c.Traces.Exporters)
	e.text("OTEL_TRACES_SAMPLER", &c.Traces.Sampler)
	e.number("OTEL_TRACES_SAMPLER_ARG", &c.Traces.Ratio)

	logs := []string{"none"}
	e.list("OTEL_LOGS_EXPORTER", &logs)
	if !slices.Equal(logs, []string{"none"}) {
		e.bad("OTEL_LOGS_EXPORTER", strings.Join(logs, ","), "none; lines always go to stdout")
	}
	e.text("OTEL_LOG_LEVEL", &c.Log.Level)
	e.boolean("TUTORFLOW_HTTP_ACCESS_LOG", &c.Log.Access)
	e.boolean("TUTORFLOW_HTTP_SEMCONV_METRICS", &c.HTTP.SemconvMetrics)

	e.duration("TUTORFLOW_DRAIN_DELAY", &c.Shutdown.DrainDelay)
	e.duration("TUTORFLOW_GRACE_PERIOD", &c.Shutdown.GracePeriod)
	e.duration("TUTORFLOW_FLUSH_TIMEOUT", &c.Shutdown.FlushTimeout)
	return c, errors.Join(e.errs...)
}

// env reads variables and keeps what is wrong with them.
type env struct {
	lookup func(string) (string, bool)
	errs   []error
}

func (e *env) bad(name, value, allowed string) {
	e.errs = append(e.errs, fmt.Errorf("read environment: %s is %.100q, allowed is %s", name, value, allowed))
}

func (e *env) text(name string, to *string) {
	if v, ok := e.lookup(name); ok && strings.TrimSpace(v) != "" {
		*to = strings.TrimSpace(v)
	}
}

// read parses a variable that is set.
func read[T any](e *env, name, allowed string, to *T, parse func(string) (T, error)) {
	var text string
	e.text(name, &text)
	if text == "" {
		return
	}
	v, err := parse(text)
	if err != nil {
		e.bad(name, text, allowed)
		return
	}
	*to = v
}

func (e *env) boolean(name string, to *bool) {
	read(e, name, "true or false", to, func(s string) (bool, error) { return strconv.ParseBool(strings.ToLower(s)) })
}

func (e *env) number(name string, to *float64) {
	read(e, name, "a number", to, func(s string) (float64, error) { return strconv.ParseFloat(s, 64) })
}

func (e *env) duration(name string, to *time.Duration) {
	read(e, name, "a duration like 5s", to, time.ParseDuration)
}

func (e *env) milliseconds(name string, to *time.Duration) {
	read(e, name, "a whole number of milliseconds, at least 1", to, func(s string) (time.Duration, error) {
		n, err := strconv.ParseUint(s, 10, 32)
		return time.Duration(n) * time.Millisecond, err
	})
}

func (e *env) list(name string, to *[]string) {
	read(e, name, "names separated by commas", to, func(s string) ([]string, error) {
		parts := strings.Split(s, ",")
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		return parts, nil
	})
}

// attributes reads key=value pairs, percent-encoded as in baggage. The values
// are not repeated in errors.
func (e *env) attributes(name string, c *Config) {
	var text string
	e.text(name, &text)
	for i, pair := range strings.Split(text, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		key, value, found := strings.Cut(pair, "=")
		key = strings.TrimSpace(key)
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if !found || err != nil || !validName(key) || value != "" && !validName(value) {
			e.errs = append(e.errs, fmt.Errorf("read environment: %s: pair %d is malformed, allowed is key=value with percent-encoded values", name, i+1))
			continue
		}
		if value == "" {
			continue // an attribute whose source has nothing to say
		}
		switch key {
		case "service.name":
			c.Service.Name = value
		case "service.version":
			c.Service.Version = value
		case "deployment.environment.name", "deployment.environment":
			c.Service.Environment = value
		default:
			if c.Attributes == nil {
				c.Attributes = make(map[string]string)
			}
			c.Attributes[key] = value
		}
	}
}
