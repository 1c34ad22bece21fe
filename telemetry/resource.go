package telemetry

import (
	"slices"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/prometheus"
	"github.com/tutorflow/observability/exporters/stdout"
)

// resource names the service to the exporters. It holds what was configured and
// nothing that was detected: detectors would put the command line, the owner
// and the host into every scrape. Without a schema URL it merges with any
// other.
//
// Where something is sent, replicas must tell themselves apart, or their series
// become one; a scrape knows whom it asks. So there is a random
// service.instance.id then, unless one is configured.
func (t *Telemetry) resource() *resource.Resource {
	s := t.config.Service
	attributes := []attribute.KeyValue{
		semconv.ServiceName(s.Name),
		semconv.TelemetrySDKLanguageGo,
		semconv.TelemetrySDKName("opentelemetry"),
	}
	for key, value := range map[attribute.Key]string{
		semconv.ServiceVersionKey:            s.Version,
		semconv.DeploymentEnvironmentNameKey: s.Environment,
	} {
		if value != "" {
			attributes = append(attributes, key.String(value))
		}
	}
	if t.instance != "" {
		attributes = append(attributes, semconv.ServiceInstanceID(t.instance))
	}
	for key, value := range s.Attributes { // the last one of a name counts
		attributes = append(attributes, attribute.String(key, value))
	}
	return resource.NewSchemaless(attributes...)
}

// newInstance returns the service.instance.id of a service that sends
// something.
func newInstance(c Config) string {
	for _, name := range slices.Concat(c.Metrics.Exporters, c.Traces.Exporters, c.Logs.Exporters) {
		if name == exporters.None || name == prometheus.Name || name == stdout.Name {
			continue
		}
		if id, err := uuid.NewRandom(); err == nil { // without randomness there is none
			return id.String()
		}
	}
	return ""
}
