package export_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/telemetry/internal/export"
)

func TestTextsOfSpansAreCutBetweenCharacters(t *testing.T) {
	long := "x" + strings.Repeat("한", 100)
	original := stub(func(s *tracetest.SpanStub) {
		s.Name, s.Status.Description, s.Attributes = long, long, kvs(long)
		s.Events[0].Name, s.Events[0].Attributes, s.Links[0].Attributes = long, kvs(long), kvs(long)
	}).Snapshot()
	got, _ := export.SpanRepair(100)(original)
	wantSound(t, spanTexts(original), spanTexts(got))
	cut := 0
	for _, text := range spanTexts(got) {
		if text == long[:100] {
			cut++
		} else if len(text) > 100 && !strings.HasSuffix(text, long) { // a key, which is left alone
			t.Errorf("%q is exported", text)
		}
	}
	if want := 3 + 3*4; cut != want {
		t.Errorf("%d texts are cut to 100 bytes, want %d", cut, want)
	}
}

func TestSpanThatIsTooLargeLosesAndCountsWhatDoesNotFit(t *testing.T) {
	huge := attribute.Int64Slice("huge", make([]int64, 1<<20))
	original := stub(func(s *tracetest.SpanStub) {
		s.Attributes = []attribute.KeyValue{huge, attribute.Int("kept", 1)}
		s.Events = []sdktrace.Event{{Name: "huge", Attributes: []attribute.KeyValue{huge}}, {Name: "kept"}}
		s.Links = append(s.Links, sdktrace.Link{Attributes: []attribute.KeyValue{huge}})
		s.DroppedAttributes, s.DroppedEvents, s.DroppedLinks = 1, 2, 3
	}).Snapshot()
	got, size := export.SpanRepair(100)(original)
	if len(got.Attributes()) != 1 || len(got.Events()) != 1 || len(got.Links()) != 1 || got.Events()[0].Name != "kept" || size > 1<<20 {
		t.Errorf("%v, %v and %v are left, %d bytes", got.Attributes(), got.Events(), got.Links(), size)
	}
	if got.DroppedAttributes() != 2 || got.DroppedEvents() != 3 || got.DroppedLinks() != 4 {
		t.Errorf("%d attributes, %d events and %d links count as dropped, want 2, 3 and 4", got.DroppedAttributes(), got.DroppedEvents(), got.DroppedLinks())
	}
}

func TestPartsOfABatchAreCountedEachForItself(t *testing.T) {
	l := newLedger(t, exporters.Traces)
	failing := &everySecond{}
	p := export.NewSpans(failing, limits(), l.Report)
	// Each is nearly the largest item, so three of them share an export.
	large := attribute.BoolSlice("large", make([]bool, 50_000))
	for range 9 {
		p.OnEnd(stub(func(s *tracetest.SpanStub) { s.Attributes = []attribute.KeyValue{large} }).Snapshot())
	}
	if err := p.Shutdown(t.Context()); err == nil {
		t.Error("Shutdown does not tell of the loss")
	}
	delivered, _, _ := failing.count()
	if l.exports("success") != 2 || l.exports("failure") != 1 || delivered != 6 || l.dropped("export_failed") != 3 {
		t.Errorf("%d exports succeed, %d fail; %d are delivered, %d dropped",
			l.exports("success"), l.exports("failure"), delivered, l.dropped("export_failed"))
	}
}

// everySecond fails every second export.
type everySecond struct {
	destination
	n int
}

func (e *everySecond) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if e.n++; e.n%2 == 0 {
		return errors.New("refused")
	}
	return e.take(ctx, len(spans))
}

func TestScopeThatIsTooLargeKeepsItsName(t *testing.T) {
	original := stub(func(s *tracetest.SpanStub) {
		s.InstrumentationScope = instrumentation.Scope{Name: "scope", Version: "1", Attributes: attribute.NewSet(attribute.String("huge", strings.Repeat("x", 2<<20)))}
	}).Snapshot()
	got, size := export.SpanRepair(100)(original)
	if want := (instrumentation.Scope{Name: "scope", Version: "1"}); got.InstrumentationScope() != want || size > 1<<20 {
		t.Errorf("the scope is %.300v, the span has %d bytes", got.InstrumentationScope(), size)
	}
	if len(got.Attributes()) != 1 || len(got.Events()) != 1 || len(got.Links()) != 1 || got.DroppedAttributes() != 0 {
		t.Error("the span lost something else")
	}
}

// TestResourceThatIsTooLargeLeavesRoomForSpans has one that grows in repair.
func TestResourceThatIsTooLargeLeavesRoomForSpans(t *testing.T) {
	of := resource.NewSchemaless(attribute.String("huge", strings.Repeat("x\xff", 4<<20)), attribute.String("service.name", "test"))
	keeper := tracetest.NewInMemoryExporter()
	l := newLedger(t, exporters.Traces)
	p := export.NewSpans(keeping{keeper}, limits(), l.Report)
	p.OnEnd(stub(func(s *tracetest.SpanStub) { s.Resource = of }).Snapshot())
	if err := p.Shutdown(t.Context()); err != nil || len(keeper.GetSpans()) != 1 {
		t.Fatalf("%d spans are exported: %v", len(keeper.GetSpans()), err)
	}
	if got := keeper.GetSpans()[0].Resource; got.String() != "service.name=test" {
		t.Errorf("the resource is %.300v", got)
	}
}
