package catalog

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// Self holds the telemetry about the telemetry.
type Self struct {
	meter   *Meter
	exports *vector
}

// Self makes the instruments in which the pipeline counts its own work.
func (m *Meter) Self() (*Self, error) {
	exports, err := m.vector(TelemetryExports)
	if err != nil {
		return nil, err
	}
	return &Self{meter: m, exports: exports}, nil
}

// Exports returns what counts the successful and the failed exports of signal
// ("metrics", "traces" or "logs") by exporter; both series start at 0.
func (s *Self) Exports(exporter, signal string) (done func(ok bool)) {
	success, failure := s.exports.cell(exporter, signal, "success"), s.exports.cell(exporter, signal, "failure")
	return func(ok bool) {
		if ok {
			success.value.Add(1)
			return
		}
		failure.value.Add(1)
	}
}

// Dropped returns what counts lost items of signal by exporter and reason; the
// series starts at 0.
func (s *Self) Dropped(exporter, signal, reason string) (count func(n int)) {
	c := s.meter.dropped.cell(exporter, signal, reason)
	return func(n int) { c.value.Add(int64(max(n, 0))) }
}

// LogLinesDropped exports the lost log lines that each yields by reason.
func (s *Self) LogLinesDropped(each func(yield func(reason string, lines int64))) error {
	d, _ := Lookup(TelemetryLogLinesDropped)
	return s.meter.observable(d, func(_ context.Context, o metric.Int64Observer) error {
		each(func(reason string, lines int64) {
			o.Observe(lines, metric.WithAttributeSet(attribute.NewSet(attribute.String("reason", LabelValue(reason)))))
		})
		return nil
	})
}
