package catalog

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// Application says which program runs.
type Application struct {
	Name, Version, Revision, Environment string
}

// Info exports a as the labels of tutorflow_application_info.
func (m *Meter) Info(a Application) error {
	d, _ := Lookup(ApplicationInfo)
	options := observeOptions([]attribute.KeyValue{
		attribute.String("name", LabelValue(a.Name)),
		attribute.String("version", LabelValue(a.Version)),
		attribute.String("revision", LabelValue(a.Revision)),
		attribute.String("environment", LabelValue(a.Environment)),
	})
	return m.observable(d, func(_ context.Context, o metric.Int64Observer) error {
		o.Observe(1, options...)
		return nil
	})
}
