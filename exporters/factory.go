package exporters

import (
	"context"
	"net/http"

	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Signal is a kind of telemetry.
type Signal string

// The signals that an exporter may carry.
const (
	Metrics Signal = "metrics"
	Traces  Signal = "traces"
	Logs    Signal = "logs"
)

// Signals returns all of them.
func Signals() []Signal { return []Signal{Metrics, Traces, Logs} }

// None is the name that selects no exporter.
const None = "none"

// Settings is what an exporter is opened with. The functions may be nil, do not
// block and are safe for concurrent use.
type Settings struct {
	// OTLP says where and how the signal is sent over OTLP.
	OTLP OTLP
	// Producers add metrics that no instrument of the meter provider holds.
	// Readers must be made with them.
	Producers []sdkmetric.Producer
	// Enabled reports whether a metric is exported, by its name on a scrape.
	// Readers must leave out the others; nil leaves out none.
	Enabled func(metric string) bool
	// Exported is called by readers after each export with its error.
	Exported func(error)
	// Rejected is told how many items of an export, which as a whole went well,
	// the destination did not take, and what it said of them.
	Rejected func(items int, reason string)
	// Overflowed is told by readers, at each collection, of a metric with more
	// series than the meter provider keeps apart, by its name on a scrape.
	Overflowed func(metric string)
	// Failed is told of errors that belong to no single export, as text for an
	// operator's log.
	Failed func(error)
}

// MetricExporter is an opened exporter of metrics: one that is driven, or one
// that drives itself.
type MetricExporter struct {
	// Push is called at the configured interval and shut down by the pipeline,
	// which counts its exports. Nil where Reader is set.
	Push sdkmetric.Exporter
	// Reader collects for itself, when it is asked. The meter provider it is given
	// to shuts it down.
	Reader sdkmetric.Reader
	// Handler serves the metrics of Reader to those who ask for them. After the
	// reader's shutdown it answers 503.
	Handler http.Handler
	// Known reports whether a scrape would have the metric of that name, and is
	// not counted as one. Nil where Handler is.
	Known func(metric string) bool
}

// Factory opens one exporter. A nil function means that the exporter does not
// carry that signal. Opening never waits for the network.
type Factory struct {
	// Name is what the configuration calls the exporter.
	Name string
	// Check reports all that is wrong with the settings for a signal, like a file
	// that cannot be read, before anything is opened. It may be nil.
	Check   func(Signal, Settings) error
	Metrics func(context.Context, Settings) (*MetricExporter, error)
	Traces  func(context.Context, Settings) (sdktrace.SpanExporter, error)
	Logs    func(context.Context, Settings) (sdklog.Exporter, error)
}

// Carries reports whether the exporter carries signal.
func (f Factory) Carries(signal Signal) bool {
	switch signal {
	case Metrics:
		return f.Metrics != nil
	case Traces:
		return f.Traces != nil
	case Logs:
		return f.Logs != nil
	}
	return false
}
