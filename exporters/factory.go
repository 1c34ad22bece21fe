package exporters

import (
	"context"
	"net/http"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Signal is a kind of telemetry.
type Signal string

// The signals that an exporter may carry.
const (
	Metrics Signal = "metrics"
	Traces  Signal = "traces"
)

// None is the name that selects no exporter.
const None = "none"

// Settings is what every exporter is opened with.
type Settings struct {
	// Producers add metrics that no instrument of the meter provider holds.
	// Readers must be made with them.
	Producers []sdkmetric.Producer
	// Interval is the time between two exports of an exporter that pushes
	// metrics.
	Interval time.Duration
	// Exported is called after each export of metrics with its error; it may be
	// nil, does not block and is safe for concurrent use.
	Exported func(error)
	// Failed is told of errors that belong to no single export, as text for an
	// operator's log. It may be nil, does not block and is safe for concurrent
	// use.
	Failed func(error)
}

// MetricExporter is an opened exporter of metrics.
type MetricExporter struct {
	// Reader collects for the exporter. The meter provider it is given to shuts
	// it down.
	Reader sdkmetric.Reader
	// Handler serves the metrics where the exporter is one that is asked for
	// them, and is nil otherwise. After the reader's shutdown it answers 503.
	Handler http.Handler
}

// Factory opens one exporter. A nil function means that the exporter does not
// carry that signal. Opening never waits for the network.
type Factory struct {
	// Name is what the configuration calls the exporter.
	Name    string
	Metrics func(context.Context, Settings) (*MetricExporter, error)
	Traces  func(context.Context, Settings) (sdktrace.SpanExporter, error)
}

// Carries reports whether the exporter carries signal.
func (f Factory) Carries(signal Signal) bool {
	switch signal {
	case Metrics:
		return f.Metrics != nil
	case Traces:
		return f.Traces != nil
	}
	return false
}
