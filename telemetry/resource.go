package telemetry

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

// resource names the service to the exporters. It holds what was configured and
// nothing that was detected: detectors would put the command line, the owner
// and the host into every scrape. Without a schema URL it merges with any
// other.
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
	for key, value := range s.Attributes {
		attributes = append(attributes, attribute.String(key, value))
	}
	return resource.NewSchemaless(attributes...)
}
