package export_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/telemetry/internal/export"
)

type spanDestination struct{ *destination }

func (d spanDestination) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	return d.take(ctx, len(spans))
}

type logDestination struct{ *destination }

func (d logDestination) Export(ctx context.Context, records []sdklog.Record) error {
	return d.take(ctx, len(records))
}

// line is a processor of either signal, and what produces for it.
type line struct {
	*ledger
	*destination
	produce   func()
	flush     func(context.Context) error
	processor interface {
		Shutdown(context.Context) error
		Abort()
	}
	unit string
}

// lines runs a test for spans and for log records.
func lines(t *testing.T, limits export.Limits, test func(*testing.T, *line)) {
	t.Run("spans", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { test(t, spanLine(t, limits)) })
	})
	t.Run("log records", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { test(t, logLine(t, limits)) })
	})
}

func spanLine(t *testing.T, limits export.Limits) *line {
	l := &line{ledger: newLedger(t, exporters.Traces), destination: &destination{}, unit: "spans"}
	p := export.NewSpans(spanDestination{l.destination}, limits, l.Report)
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(p)).Tracer("test")
	l.produce = func() {
		_, span := tracer.Start(context.Background(), "work")
		span.End()
	}
	l.processor, l.flush = p, p.ForceFlush
	return l
}

func logLine(t *testing.T, limits export.Limits) *line {
	l := &line{ledger: newLedger(t, exporters.Logs), destination: &destination{}, unit: "log records"}
	p := export.NewLogs(logDestination{l.destination}, limits, l.Report)
	logger := sdklog.NewLoggerProvider(sdklog.WithProcessor(p)).Logger("test")
	l.produce = func() {
		var record log.Record
		record.SetSeverity(log.SeverityInfo)
		logger.Emit(context.Background(), record)
	}
	l.processor, l.flush = p, p.ForceFlush
	return l
}

// wantSum wants what was delivered and dropped to be what was produced.
func (l *line) wantSum(t *testing.T, produced int) {
	t.Helper()
	delivered, _, _ := l.count()
	if lost := l.lost(); delivered+lost != produced {
		t.Errorf("%d delivered + %d dropped, want %d in all", delivered, lost, produced)
	}
}

func TestNothingIsLostUnseenBeforeABlockedExporter(t *testing.T) {
	lines(t, limits(), func(t *testing.T, l *line) {
		release := make(chan struct{})
		l.does(func(context.Context) error { <-release; return nil })
		for range 10_000 {
			l.produce()
			synctest.Wait()
		}
		if got := l.dropped("queue_full"); got < 10_000-2048-512 || got > 10_000-2048 {
			t.Errorf("%d are dropped because the queue is full", got)
		}
		close(release)
		if err := l.processor.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		l.wantSum(t, 10_000)
		if got := l.lost() - l.dropped("queue_full"); got != 0 {
			t.Errorf("%d are dropped for another reason", got)
		}
	})
}

func TestNothingIsLostUnseenWhenExportsTimeOut(t *testing.T) {
	lines(t, limits(), func(t *testing.T, l *line) {
		l.does(hang)
		for range 1000 {
			l.produce()
			time.Sleep(50 * time.Millisecond)
		}
		if got := l.dropped("export_failed"); got == 0 || l.exports("success") != 0 {
			t.Errorf("%d are dropped by failed exports, %d exports went well", got, l.exports("success"))
		}
		l.does(nil)
		if err := l.processor.Shutdown(t.Context()); err != nil && !strings.Contains(err.Error(), "abandoned") {
			t.Error(err)
		}
		l.wantSum(t, 1000)
	})
}

func TestShutdownEndsByItsDeadlineAndSaysHowMuchIsLost(t *testing.T) {
	release := make(chan struct{})
	for name, test := range map[string]struct {
		work func(context.Context) error
	}{
		"the exporter honours its context": {hang},
		"the exporter does not":            {func(context.Context) error { <-release; return nil }},
	} {
		t.Run(name, func(t *testing.T) {
			lines(t, limits(), func(t *testing.T, l *line) {
				release = make(chan struct{})
				l.does(test.work)
				for range 1500 {
					l.produce()
				}
				synctest.Wait()
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				start := time.Now()
				err := l.processor.Shutdown(ctx)
				if took := time.Since(start); took > 1100*time.Millisecond {
					t.Errorf("Shutdown took %v", took)
				}
				if want := fmt.Sprintf("1500 %s abandoned", l.unit); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), want) {
					t.Errorf("Shutdown: %v, want a deadline error with %q", err, want)
				}
				if again := l.processor.Shutdown(t.Context()); again == nil || again.Error() != err.Error() {
					t.Errorf("Shutdown again: %v, want %v", again, err)
				}
				l.produce()
				if got := l.dropped("shutdown"); got != 1501 {
					t.Errorf("%d are dropped in the shutdown, want 1501", got)
				}
				close(release)
				synctest.Wait()
				if _, _, closed := l.count(); !closed {
					t.Error("the exporter is not shut down")
				}
				if got := l.lost(); got != 1501 {
					t.Errorf("%d are dropped at the end, want 1501", got)
				}
			})
		})
	}
}

func TestAbortEndsTheExportInFlight(t *testing.T) {
	lines(t, limits(), func(t *testing.T, l *line) {
		l.does(hang)
		for range 600 {
			l.produce()
		}
		synctest.Wait()
		start := time.Now()
		l.processor.Abort()
		if err := l.processor.Shutdown(t.Context()); err == nil || !strings.Contains(err.Error(), "abandoned") {
			t.Errorf("Shutdown: %v", err)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("it took %v", took)
		}
		if got := l.dropped("shutdown"); got != 600 {
			t.Errorf("%d are dropped in the shutdown, want 600", got)
		}
	})
}

func TestPanicOfAnExporterIsAFailedExport(t *testing.T) {
	lines(t, limits(), func(t *testing.T, l *line) {
		l.does(func(context.Context) error { panic("secret") })
		l.close = func(context.Context) error { var none *line; none.unit = ""; return nil }
		for range 3 {
			l.produce()
		}
		time.Sleep(6 * time.Second)
		if got := l.dropped("export_failed"); got != 3 || l.exports("failure") != 1 {
			t.Errorf("%d are dropped by %d failed exports, want 3 by 1", got, l.exports("failure"))
		}
		if texts := fmt.Sprint(l.texts()); !strings.Contains(texts, "to fake: panic with a string") || strings.Contains(texts, "secret") {
			t.Errorf("the errors are %s", texts)
		}
		if err := l.processor.Shutdown(t.Context()); err == nil || !strings.Contains(err.Error(), "nil pointer dereference") {
			t.Errorf("Shutdown: %v", err)
		}
	})
}

func TestForceFlushExportsWhatIsWaiting(t *testing.T) {
	lines(t, limits(), func(t *testing.T, l *line) {
		defer func() { _ = l.processor.Shutdown(t.Context()) }()
		for range 1300 {
			l.produce()
		}
		if err := l.flush(t.Context()); err != nil {
			t.Error(err)
		}
		if delivered, _, _ := l.count(); delivered != 1300 || l.exports("success") < 3 {
			t.Errorf("%d are delivered by %d exports, want 1300 by at least 3", delivered, l.exports("success"))
		}
		l.does(func(context.Context) error { return errors.New("no") })
		l.produce()
		if err := l.flush(t.Context()); err == nil || !strings.Contains(err.Error(), "1 "+l.unit+" abandoned") {
			t.Errorf("ForceFlush: %v", err)
		}
	})
}

// Each flush leaves a mark in the SDK's queue, which must not take the place of
// a span. The SDK holds a mutex meanwhile, which stops the time of synctest.
func TestFlushesThatTimeOutLoseNothing(t *testing.T) {
	small := limits()
	small.QueueSize, small.BatchSize = 10, 5
	for _, l := range []*line{spanLine(t, small), logLine(t, small)} {
		release := make(chan struct{})
		l.does(func(context.Context) error { <-release; return nil })
		for range 5 { // a batch, which blocks
			l.produce()
		}
		for calls := 0; calls == 0; _, calls, _ = l.count() {
			time.Sleep(time.Millisecond)
		}
		for range 30 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			if err := l.flush(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: ForceFlush: %v", l.unit, err)
			}
			cancel()
			l.produce()
		}
		close(release)
		if err := l.processor.Shutdown(t.Context()); err != nil {
			t.Errorf("%s: %v", l.unit, err)
		}
		l.wantSum(t, 35)
	}
}

func TestUnsampledSpansAreNotCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger(t, exporters.Traces)
		p := export.NewSpans(spanDestination{&destination{}}, export.Limits{Timeout: time.Second, QueueSize: 1, BatchSize: 1, Delay: time.Second}, l.Report)
		for range 10 {
			p.OnEnd(span{context: trace.SpanContext{}})
		}
		if err := p.Shutdown(t.Context()); err != nil || l.lost() != 0 {
			t.Errorf("Shutdown: %v, %d are dropped", err, l.lost())
		}
	})
}

func TestRejectedItemsAreCountedAndToldOf(t *testing.T) {
	l := newLedger(t, exporters.Logs)
	l.Rejected(7, "too old")
	l.Rejected(-7, "odd")
	if got := l.dropped("rejected"); got != 7 || len(l.texts()) != 2 || l.texts()[0] != "export logs to fake: 7 rejected: too old" {
		t.Errorf("%d are rejected, the errors are %q", got, l.texts())
	}
}

func TestProducersFlushesAndTheEndConcurrentSafe(t *testing.T) {
	small := limits()
	small.QueueSize, small.BatchSize, small.Delay = 50, 5, time.Millisecond
	for _, l := range []*line{spanLine(t, small), logLine(t, small)} {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range 300 {
					l.produce()
				}
			})
		}
		all.Go(func() { _ = l.flush(t.Context()) })
		all.Go(func() { _ = l.processor.Shutdown(t.Context()) })
		all.Wait()
		l.wantSum(t, 1200)
	}
}
