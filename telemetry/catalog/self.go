package catalog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// Self holds the telemetry about the telemetry.
type Self struct {
	meter       *Meter
	exports     *vector
	lastSuccess *vector
	changes     *CounterBy2[Control, Action]
	refusals    *CounterBy[Refusal]
}

// Self makes the instruments in which the pipeline counts its own work.
func (m *Meter) Self() (*Self, error) {
	s := &Self{meter: m}
	var errs [4]error
	s.exports, errs[0] = m.vector(TelemetryExports)
	s.lastSuccess, errs[1] = m.vector(TelemetryLastSuccess)
	d, _ := Lookup(TelemetryChanges)
	if errs[2] = m.claim(d); errs[2] == nil {
		s.changes, errs[2] = counterBy2(m, d, control(), action())
	}
	d, _ = Lookup(TelemetryRefusedRequests)
	if errs[3] = m.claim(d); errs[3] == nil {
		s.refusals, errs[3] = counterBy(m, d, refusal())
	}
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	return s, nil
}

// Exports returns what counts the successful and the failed exports of signal
// ("metrics", "traces" or "logs") by exporter, and keeps the time of the last
// successful one; the series start at 0.
func (s *Self) Exports(exporter, signal string) (done func(ok bool)) {
	success, failure := s.exports.cell(exporter, signal, "success"), s.exports.cell(exporter, signal, "failure")
	last := s.lastSuccess.cell(exporter, signal)
	return func(ok bool) {
		if ok {
			success.value.Add(1)
			last.value.Store(time.Now().Unix())
			return
		}
		failure.value.Add(1)
	}
}

// Change counts one change of the telemetry while the program runs.
func (s *Self) Change(of Control, by Action) { s.changes.Add(context.Background(), of, by) }

// Refuse counts one request that the admin listener refused.
func (s *Self) Refuse(why Refusal) { s.refusals.Add(context.Background(), why) }

// Dropped returns what counts lost items of signal by exporter and reason; the
// series starts at 0.
func (s *Self) Dropped(exporter, signal, reason string) (count func(n int)) {
	c := s.meter.dropped.cell(exporter, signal, reason)
	return func(n int) { c.value.Add(int64(max(n, 0))) }
}

// Overflowed counts a collection in which an instrument that is not of this
// package had more than MaxSeries series, which OpenTelemetry adds up in one
// with the label otel_metric_overflow; the first of a metric is told of.
func (s *Self) Overflowed(metric string) {
	s.meter.overflow(LabelValue(metric), fmt.Sprintf(
		"more than %d series, the others are in one with otel_metric_overflow=\"true\" until the program restarts; use fewer values for its attributes", MaxSeries)).count()
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
