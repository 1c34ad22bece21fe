package export_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/goleak"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/internal/export"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func limits() export.Limits {
	return export.Limits{Timeout: 10 * time.Second, QueueSize: 2048, BatchSize: 512, Delay: 5 * time.Second, TextSize: 256}
}

// ledger is a report that counts in instruments of its own, and what they say.
type ledger struct {
	*export.Report
	tb     testing.TB
	reader *sdkmetric.ManualReader

	mu     sync.Mutex
	errors []string
}

func newLedger(tb testing.TB, signal exporters.Signal) *ledger {
	tb.Helper()
	l := &ledger{tb: tb, reader: sdkmetric.NewManualReader()}
	l.Report = export.NewReport("fake", signal, func(err error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.errors = append(l.errors, err.Error())
	})
	meter, err := catalog.NewMeter(sdkmetric.NewMeterProvider(sdkmetric.WithReader(l.reader)).Meter("test"))
	if err != nil {
		tb.Fatal(err)
	}
	self, err := meter.Self()
	if err != nil {
		tb.Fatal(err)
	}
	l.Count(meter, self)
	return l
}

// texts are the errors that were passed on.
func (l *ledger) texts() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.errors...)
}

// value is what a metric holds where the label has the value.
func (l *ledger) value(metric, label, value string) (total int) {
	l.tb.Helper()
	var data metricdata.ResourceMetrics
	if err := l.reader.Collect(context.Background(), &data); err != nil {
		l.tb.Fatal(err)
	}
	for _, s := range data.ScopeMetrics {
		for _, m := range s.Metrics {
			if sum, ok := m.Data.(metricdata.Sum[int64]); ok && m.Name == metric {
				for _, p := range sum.DataPoints {
					if v, _ := p.Attributes.Value(attribute.Key(label)); v.AsString() == value {
						total += int(p.Value)
					}
				}
			}
		}
	}
	return total
}

func (l *ledger) dropped(reason string) int {
	return l.value(catalog.TelemetryDropped, "reason", reason)
}

func (l *ledger) exports(result string) int {
	return l.value(catalog.TelemetryExports, "result", result)
}

// lost is everything that was dropped.
func (l *ledger) lost() (total int) {
	for _, reason := range []string{"queue_full", "export_failed", "rejected", "shutdown", "too_large", "invalid_text"} {
		total += l.dropped(reason)
	}
	return total
}

// destination is what a fake exporter does: count, unless work says otherwise.
type destination struct {
	work  func(context.Context) error
	close func(context.Context) error

	mu        sync.Mutex
	delivered int
	calls     int
	closed    bool
}

func (d *destination) take(ctx context.Context, items int) error {
	d.mu.Lock()
	d.calls++
	work := d.work
	d.mu.Unlock()
	if work != nil {
		if err := work(ctx); err != nil {
			return err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.delivered += items
	return nil
}

// does has later exports do work.
func (d *destination) does(work func(context.Context) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.work = work
}

func (d *destination) count() (delivered, calls int, closed bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.delivered, d.calls, d.closed
}

func (d *destination) Shutdown(ctx context.Context) error {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	if d.close != nil {
		return d.close(ctx)
	}
	return nil
}

func (*destination) ForceFlush(context.Context) error { return nil }

// hang blocks until ctx ends.
func hang(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}
