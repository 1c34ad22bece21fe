package otlpcollector

import (
	"maps"
	"net/http"
	"slices"
	"sync"

	logcollector "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	metriccollector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	tracecollector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	logpb "go.opentelemetry.io/proto/otlp/logs/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/tutorflow/observability/exporters"
)

// Export is an export that was delivered.
type Export struct {
	Signal exporters.Signal
	// Header has the headers, or gRPC's metadata in their form.
	Header http.Header
	// Encoding is the compression of the request, "" for none.
	Encoding string
	// Request is the message as it was sent, what was rejected included. It must
	// not be changed.
	Request proto.Message
}

// recorder remembers what came.
type recorder struct {
	mu          sync.Mutex
	connections int
	first       []byte
	attempts    map[exporters.Signal]int
	exports     []Export
	spans       []*tracepb.Span
	logs        []*logpb.LogRecord
	points      []Point
}

func (r *recorder) connected() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.connections++
}

func (r *recorder) began(first byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.first = append(r.first, first)
}

func (r *recorder) attempted(signal exporters.Signal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.attempts == nil {
		r.attempts = make(map[exporters.Signal]int)
	}
	r.attempts[signal]++
}

// delivered records all items of an export but the last ones, of which reject
// are left out, and returns how many were.
func (r *recorder) delivered(export Export, reject int) (rejected int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.exports = append(r.exports, export)
	switch request := export.Request.(type) {
	case *tracecollector.ExportTraceServiceRequest:
		var all []*tracepb.Span
		for _, resource := range request.GetResourceSpans() {
			for _, scope := range resource.GetScopeSpans() {
				all = append(all, scope.GetSpans()...)
			}
		}
		rejected = min(reject, len(all))
		r.spans = append(r.spans, all[:len(all)-rejected]...)
	case *logcollector.ExportLogsServiceRequest:
		var all []*logpb.LogRecord
		for _, resource := range request.GetResourceLogs() {
			for _, scope := range resource.GetScopeLogs() {
				all = append(all, scope.GetLogRecords()...)
			}
		}
		rejected = min(reject, len(all))
		r.logs = append(r.logs, all[:len(all)-rejected]...)
	case *metriccollector.ExportMetricsServiceRequest:
		all := points(request)
		rejected = min(reject, len(all))
		r.points = append(r.points, all[:len(all)-rejected]...)
	}
	return rejected
}

// Forget drops what was delivered, so that it takes no memory. Items counts from
// 0 again.
func (c *Collector) Forget() {
	c.recorder.mu.Lock()
	defer c.recorder.mu.Unlock()
	c.recorder.exports, c.recorder.spans, c.recorder.logs, c.recorder.points = nil, nil, nil, nil
}

// Attempts returns how many exports of signal came, failed ones included.
func (c *Collector) Attempts(signal exporters.Signal) int {
	c.recorder.mu.Lock()
	defer c.recorder.mu.Unlock()
	return c.recorder.attempts[signal]
}

// Connections returns how many connections were accepted.
func (c *Collector) Connections() int {
	c.recorder.mu.Lock()
	defer c.recorder.mu.Unlock()
	return c.recorder.connections
}

// OpenConnections returns how many connections are open now.
func (c *Collector) OpenConnections() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.run == nil {
		return 0
	}
	c.run.listener.mu.Lock()
	defer c.run.listener.mu.Unlock()
	return len(c.run.listener.open)
}

// FirstBytes returns the first byte of each connection that sent one. That of
// TLS is 0x16.
func (c *Collector) FirstBytes() []byte {
	c.recorder.mu.Lock()
	defer c.recorder.mu.Unlock()
	return slices.Clone(c.recorder.first)
}

// Exports returns the exports of signal that were delivered.
func (c *Collector) Exports(signal exporters.Signal) []Export {
	c.recorder.mu.Lock()
	defer c.recorder.mu.Unlock()
	var found []Export
	for _, e := range c.recorder.exports {
		if e.Signal == signal {
			found = append(found, e)
		}
	}
	return found
}

// Items returns how many spans, log records or data points were delivered.
func (c *Collector) Items(signal exporters.Signal) int {
	c.recorder.mu.Lock()
	defer c.recorder.mu.Unlock()
	switch signal {
	case exporters.Traces:
		return len(c.recorder.spans)
	case exporters.Logs:
		return len(c.recorder.logs)
	}
	return len(c.recorder.points)
}

// Spans returns the spans that were delivered. They must not be changed.
func (c *Collector) Spans() []*tracepb.Span {
	c.recorder.mu.Lock()
	defer c.recorder.mu.Unlock()
	return slices.Clone(c.recorder.spans)
}

// SpanNames returns the names of the spans that were delivered.
func (c *Collector) SpanNames() []string {
	var names []string
	for _, span := range c.Spans() {
		names = append(names, span.GetName())
	}
	return names
}

// LogRecords returns the log records that were delivered. They must not be
// changed.
func (c *Collector) LogRecords() []*logpb.LogRecord {
	c.recorder.mu.Lock()
	defer c.recorder.mu.Unlock()
	return slices.Clone(c.recorder.logs)
}

// Points returns the data points that were delivered.
func (c *Collector) Points() []Point {
	c.recorder.mu.Lock()
	defer c.recorder.mu.Unlock()
	return slices.Clone(c.recorder.points)
}

// Value returns the last value that was delivered of the series of the metric
// with exactly these labels, or false.
func (c *Collector) Value(metric string, labels map[string]string) (float64, bool) {
	for _, p := range slices.Backward(c.Points()) {
		if p.Metric.GetName() == metric && maps.Equal(p.Labels, labels) {
			return p.Value, true
		}
	}
	return 0, false
}
