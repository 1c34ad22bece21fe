package outages_test

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/internal/otlpcollector"
)

// held is a factory whose exports of spans and records wait while s.exports is
// held.
func (s *service) held(f exporters.Factory) exporters.Factory {
	traces, logs := f.Traces, f.Logs
	f.Traces = func(ctx context.Context, settings exporters.Settings) (sdktrace.SpanExporter, error) {
		opened, err := traces(ctx, settings)
		return heldSpans{opened, &s.exports}, err
	}
	f.Logs = func(ctx context.Context, settings exporters.Settings) (sdklog.Exporter, error) {
		opened, err := logs(ctx, settings)
		return heldRecords{opened, &s.exports}, err
	}
	return f
}

type heldSpans struct {
	sdktrace.SpanExporter
	exports *sync.RWMutex
}

func (h heldSpans) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	h.exports.RLock()
	defer h.exports.RUnlock()
	return h.SpanExporter.ExportSpans(ctx, spans)
}

type heldRecords struct {
	sdklog.Exporter
	exports *sync.RWMutex
}

func (h heldRecords) Export(ctx context.Context, records []sdklog.Record) error {
	h.exports.RLock()
	defer h.exports.RUnlock()
	return h.Exporter.Export(ctx, records)
}

// moment is what it takes to count an export that has ended, and to begin the
// shutdown.
const moment = 50 * time.Millisecond

// balanceAtTheEnd shuts the service down, and checks that each item is delivered,
// on the last scrape as dropped, or abandoned as the error of Shutdown says.
// Exports are held up in between, or one that ends there is on neither.
func (s *service) balanceAtTheEnd(c *otlpcollector.Collector) {
	s.t.Helper()
	units := map[exporters.Signal]string{exporters.Traces: "spans", exporters.Logs: "log records", exporters.Metrics: "data points"}
	produced := map[exporters.Signal]int{exporters.Traces: int(s.served.Load()), exporters.Logs: s.linesSent()}
	s.exports.Lock()
	time.Sleep(moment)
	dropped := make(map[exporters.Signal]int)
	for signal := range units {
		dropped[signal] = int(s.dropped(string(signal)))
	}
	time.AfterFunc(moment, s.exports.Unlock)
	err := s.shutdown()
	produced[exporters.Metrics] = int(s.points.Load())
	for signal, unit := range units {
		surplus := 2 * batch
		if signal == exporters.Metrics {
			surplus = 2 * int(s.largest.Load())
		}
		end := sides{produced[signal], c.Items(signal), dropped[signal] + abandoned(err, unit)}
		if !end.even(surplus) {
			s.t.Errorf("%s: %d delivered, %d dropped before the end and %d in all, of %d; Shutdown: %v",
				signal, end.delivered, dropped[signal], end.dropped, end.produced, err)
		}
	}
	if lost := strings.Contains(s.failures(), `"telemetry lost at the end"`); lost != (err != nil) {
		s.t.Errorf("Shutdown: %v, and the log tells of it: %v", err, lost)
	}
}

// abandoned adds up how many items of a kind the error of Shutdown tells of.
func abandoned(err error, unit string) (total int) {
	if err == nil {
		return 0
	}
	for _, match := range regexp.MustCompile(`(\d+) `+unit+` abandoned`).FindAllStringSubmatch(err.Error(), -1) {
		n, _ := strconv.Atoi(match[1])
		total += n
	}
	return total
}
