package outages_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/otlp"
	"github.com/tutorflow/observability/internal/otlpcollector"
	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/catalog"
)

type subject int

// TestAsManySeriesAsAnInstrumentMayHaveAreDelivered has a collector take what
// gRPC takes by default, 4 MiB. The metrics are several times that.
func TestAsManySeriesAsAnInstrumentMayHaveAreDelivered(t *testing.T) {
	values := make([]string, catalog.MaxSeries)
	for i := range values {
		values[i] = fmt.Sprintf("%s%05d", strings.Repeat("x", catalog.MaxLabelBytes-5), i)
	}
	collector := otlpcollector.Start(t, otlpcollector.Options{Protocol: exporters.ProtocolGRPC})
	c := telemetry.DefaultConfig()
	c.Service = telemetry.Service{Name: "series", Version: "1"}
	c.OTLP.URL, c.OTLP.Protocol = collector.Base(), exporters.ProtocolGRPC
	c.Metrics.Exporters = []string{"otlp"}
	tel, err := telemetry.New(t.Context(), c, telemetry.WithLogWriter(io.Discard), telemetry.WithExporters(otlp.New()))
	if err != nil {
		t.Fatal(err)
	}
	counter, err := catalog.NewCounterBy(tel.Meter(), "x_lessons_total", "A counter.", catalog.Enum[subject]("subject", values...))
	if err != nil {
		t.Error(err)
	}
	d, _ := catalog.Lookup(catalog.HTTPRequestDuration)
	histogram, err := catalog.NewHistogramBy(tel.Meter(), "x_lesson_seconds", "A histogram.", d.Buckets, catalog.Enum[subject]("subject", values...))
	if err != nil {
		t.Error(err)
	}
	for i := range values {
		counter.Add(t.Context(), subject(i))
		histogram.Record(t.Context(), 0.2, subject(i))
	}
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}

	series := map[string]map[string]bool{"x_lessons_total": {}, "x_lesson_seconds": {}}
	delivered, whole := 0, 0
	for _, p := range collector.Points() {
		if known := series[p.Metric.GetName()]; known != nil && p.Value == 1 {
			known[p.Labels["subject"]] = true
			delivered++
		}
	}
	for name, known := range series {
		if len(known) != len(values) {
			t.Errorf("%d series of %s are delivered, want %d", len(known), name, len(values))
		}
	}
	if delivered != 2*len(values) {
		t.Errorf("%d points are delivered, want each series once", delivered)
	}
	for _, e := range collector.Exports(exporters.Metrics) {
		size := proto.Size(e.Request)
		whole += size
		if size > 3584<<10 {
			t.Errorf("an export takes %d bytes", size)
		}
	}
	if whole < 8<<20 {
		t.Errorf("all exports take %d bytes, so this tests nothing", whole)
	}
}
