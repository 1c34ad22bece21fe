package export

import (
	"fmt"
	"sync/atomic"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/telemetry/catalog"
)

// reason is why items were dropped, as a label value.
type reason string

const (
	// queueFull: more was produced than the exporter takes.
	queueFull reason = "queue_full"
	// exportFailed: the exporter returned an error, panicked or took too long.
	exportFailed reason = "export_failed"
	// rejected: the export went well and the destination did not take the items.
	rejected reason = "rejected"
	// shutdown: time ran out, or the item came after the end.
	shutdown reason = "shutdown"
	// invalidText: the record cannot be encoded, and cannot be repaired.
	invalidText reason = "invalid_text"
	// tooLarge: collectors would refuse the item, and cannot be given a part of it.
	tooLarge reason = "too_large"
)

// reasons are those that occur for signal.
func reasons(signal exporters.Signal) []reason {
	switch signal {
	case exporters.Metrics:
		return []reason{exportFailed, rejected, shutdown, tooLarge}
	case exporters.Logs:
		return []reason{queueFull, exportFailed, rejected, shutdown, tooLarge, invalidText}
	}
	return []reason{queueFull, exportFailed, rejected, shutdown, tooLarge}
}

// Report counts what becomes of the items of one signal at one exporter, and
// passes on its errors. It is safe for concurrent use.
type Report struct {
	exporter string
	signal   exporters.Signal
	failed   func(error)
	counts   atomic.Pointer[counts]
}

type counts struct {
	done    func(ok bool)
	dropped map[reason]func(n int)
	// overflowed counts a metric with too many series.
	overflowed func(metric string)
	// source counts a failed source of metrics.
	source func()
}

// NewReport makes the report of the exporter with the given name. Errors go to
// failed, which must not block.
func NewReport(exporter string, signal exporters.Signal, failed func(error)) *Report {
	return &Report{exporter: exporter, signal: signal, failed: failed}
}

// Count has the report count in self from now on; all series start at 0. Until
// then nothing is counted: readers exist before the instruments do.
func (r *Report) Count(meter *catalog.Meter, self *catalog.Self) {
	c := &counts{
		done:    self.Exports(r.exporter, string(r.signal)),
		dropped: make(map[reason]func(int)), overflowed: self.Overflowed,
	}
	for _, why := range reasons(r.signal) {
		c.dropped[why] = self.Dropped(r.exporter, string(r.signal), string(why))
	}
	if r.signal == exporters.Metrics {
		c.source = meter.Failures("export:" + r.exporter)
	}
	r.counts.Store(c)
}

// CountExports is Count for what drives itself, and so drops nothing that it was
// given: exports are all that is counted.
func (r *Report) CountExports(self *catalog.Self) {
	r.counts.Store(&counts{done: self.Exports(r.exporter, string(r.signal)), overflowed: self.Overflowed})
}

// Exported counts one export, and passes on its error.
func (r *Report) Exported(err error) {
	if c := r.counts.Load(); c != nil {
		c.done(err == nil)
	}
	if err != nil {
		r.failed(err)
	}
}

// Rejected counts items of an export that went well as a whole but that the
// destination did not take, and passes on what it said of them.
func (r *Report) Rejected(items int, text string) {
	r.dropped(rejected, items)
	r.failed(fmt.Errorf("export %s to %s: %d rejected: %s", r.signal, r.exporter, items, text))
}

func (r *Report) dropped(why reason, n int) {
	if c := r.counts.Load(); c != nil && c.dropped != nil && n > 0 {
		c.dropped[why](n)
	}
}

// Overflowed counts a collection in which a metric, given by its name on a
// scrape, had more series than OpenTelemetry keeps apart.
func (r *Report) Overflowed(metric string) {
	if c := r.counts.Load(); c != nil {
		c.overflowed(metric)
	}
}

// sourceFailed counts and passes on the error of something that yields metrics.
func (r *Report) sourceFailed(err error) {
	if c := r.counts.Load(); c != nil {
		c.source()
	}
	r.failed(fmt.Errorf("collect metrics for %s: %w", r.exporter, err))
}

func (r *Report) counting() bool { return r.counts.Load() != nil }
