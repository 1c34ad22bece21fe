package export

import (
	"context"
	"errors"
	"sync"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// Reading says what a Reader exports, and when.
type Reading struct {
	// Interval is the time between two exports, Timeout bounds each.
	Interval, Timeout time.Duration
	// Enabled reports whether a metric is exported, by its name on a scrape; nil
	// stands for all.
	Enabled func(metric string) bool
	// Producers add metrics that no instrument holds. Their points are exported as
	// they are, whatever temporality the exporter prefers.
	Producers []sdkmetric.Producer
}

// Reader exports metrics periodically. In place of the SDK's periodic reader it
// exports what there is when a callback or a producer fails or panics, and does
// not wait longer for one at the end than it may.
type Reader struct {
	*sdkmetric.ManualReader
	*guard
	exporter sdkmetric.Exporter
	reading  Reading
	names    names

	// turn is full while metrics are collected and exported.
	turn chan struct{}
	stop chan struct{}
	done chan struct{}
	once sync.Once
}

var _ sdkmetric.Reader = (*Reader)(nil)

// NewReader starts the reader that exports to exporter, which Shutdown shuts
// down. It exports nothing before report counts: until then there may be
// instruments to come.
func NewReader(exporter sdkmetric.Exporter, reading Reading, report *Report) *Reader {
	r := &Reader{
		ManualReader: sdkmetric.NewManualReader(
			sdkmetric.WithTemporalitySelector(exporter.Temporality),
			sdkmetric.WithAggregationSelector(exporter.Aggregation)),
		guard:    newGuard(report, reading.Timeout),
		exporter: exporter,
		reading:  reading,
		turn:     make(chan struct{}, 1),
		stop:     make(chan struct{}),
		done:     make(chan struct{}),
	}
	go r.run()
	return r
}

// PrefersDelta reports whether exporter wants the increase since the last
// export rather than totals.
func PrefersDelta(exporter sdkmetric.Exporter) bool {
	return exporter.Temporality(sdkmetric.InstrumentKindCounter) == metricdata.DeltaTemporality
}

func (r *Reader) run() {
	defer close(r.done)
	ticker := time.NewTicker(r.reading.Interval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			_ = r.collectAndExport(r.stop)
		case <-r.stop:
			return
		}
	}
}

// collectAndExport goes on until Abort at the most. What fails in it is counted
// and told of, and no error. Once it is called off it does not begin: nothing
// may follow the last export, which waits for the one that is going on.
func (r *Reader) collectAndExport(calledOff <-chan struct{}) error {
	if !r.report.counting() {
		return nil
	}
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-r.life.Done():
	}
	select {
	case <-calledOff:
		return nil
	default:
	}
	if err := r.life.Err(); err != nil {
		return err
	}
	data := &metricdata.ResourceMetrics{}
	if err := r.collect(r.life, data); err != nil {
		return err
	}
	r.prepare(data)
	r.exportParts(data)
	return nil
}

// collect asks each source for itself. Its only error is that of a reader that
// was shut down.
func (r *Reader) collect(ctx context.Context, data *metricdata.ResourceMetrics) error {
	err := recovered(func() error { return r.Collect(ctx, data) })
	if errors.Is(err, sdkmetric.ErrReaderShutdown) {
		return err
	}
	if err != nil {
		r.report.sourceFailed(err)
	}
	for _, producer := range r.reading.Producers {
		err := recovered(func() error {
			produced, err := producer.Produce(ctx)
			data.ScopeMetrics = append(data.ScopeMetrics, produced...)
			return err
		})
		if err != nil {
			r.report.sourceFailed(err)
		}
	}
	return nil
}

// prepare leaves out of data what is not enabled and repairs the texts of the
// rest. The slices in data are kept as they are, since a producer may own them.
func (r *Reader) prepare(data *metricdata.ResourceMetrics) {
	var scopes []metricdata.ScopeMetrics
	for _, s := range data.ScopeMetrics {
		var metrics []metricdata.Metrics
		for _, m := range s.Metrics {
			name := r.names.of(m)
			if r.reading.Enabled != nil && !r.reading.Enabled(name) {
				continue
			}
			m = repairMetric(m)
			if pointsOf(m.Data).count > catalog.MaxSeries {
				r.report.Overflowed(name)
			}
			metrics = append(metrics, m)
		}
		if len(metrics) == 0 {
			continue
		}
		if !validScope(s.Scope) {
			s.Scope = repairScope(s.Scope)
		}
		scopes = append(scopes, metricdata.ScopeMetrics{Scope: s.Scope, Metrics: metrics})
	}
	data.ScopeMetrics = scopes
	data.Resource = repairResource(data.Resource)
}

// within waits for collectAndExport until ctx ends. When ctx has ended the
// export, it is given the time to count.
func (r *Reader) within(ctx context.Context) error {
	err := bounded(ctx, 2*grace, func(context.Context) error { return r.collectAndExport(nil) })
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// ForceFlush exports at once, and says how much of it was lost. When ctx ends
// first, the export goes on.
func (r *Reader) ForceFlush(ctx context.Context) error {
	before := r.lost.Load()
	if err := r.within(ctx); err != nil {
		return err
	}
	return errors.Join(bounded(ctx, grace, r.exporter.ForceFlush), r.lostSince(before, "data points"))
}

// Shutdown exports a last time and shuts the exporter down. What was not
// exported by the deadline of ctx is counted, and the error says how much that
// is. A second call returns metric.ErrReaderShutdown.
func (r *Reader) Shutdown(ctx context.Context) error {
	err := sdkmetric.ErrReaderShutdown
	r.once.Do(func() { err = r.shutdown(ctx) })
	return err
}

func (r *Reader) shutdown(ctx context.Context) error {
	defer context.AfterFunc(ctx, r.Abort)()
	before := r.lost.Load()
	close(r.stop)
	// An export that is going on is let go on: the last one follows it.
	err := errors.Join(
		r.within(ctx),
		r.ManualReader.Shutdown(ctx),
		r.close(ctx, r.exporter.Shutdown))
	select {
	case <-r.done:
	case <-time.After(grace): // a callback hangs
	}
	return errors.Join(err, r.lostSince(before, "data points"))
}
