package export_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/telemetry/internal/export"
)

const bad = "a\xff\xfeb"

// span is a span with another context.
type span struct {
	sdktrace.ReadOnlySpan
	context trace.SpanContext
}

func (s span) SpanContext() trace.SpanContext { return s.context }

func sampled() trace.SpanContext {
	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, TraceFlags: trace.FlagsSampled})
}

// kvs are attributes with text in every position that a value has.
func kvs(text string) []attribute.KeyValue {
	return []attribute.KeyValue{
		attribute.String("k"+text, text),
		attribute.StringSlice("slice", []string{"x", text}),
		{Key: "values", Value: attribute.SliceValue(attribute.IntValue(1), attribute.StringValue(text))},
		{Key: "map", Value: attribute.MapValue(attribute.String("in"+text, text))},
		{Key: "bytes", Value: attribute.ByteSliceValue([]byte("\xff"))},
		attribute.Int("n", 7),
	}
}

// texts are all texts in attributes.
func texts(kvs []attribute.KeyValue) (all []string) {
	for _, kv := range kvs {
		all = append(all, string(kv.Key))
		all = append(all, valueTexts(kv.Value)...)
	}
	return all
}

func valueTexts(v attribute.Value) (all []string) {
	switch v.Type() {
	case attribute.STRING:
		return []string{v.AsString()}
	case attribute.STRINGSLICE:
		return v.AsStringSlice()
	case attribute.SLICE:
		for _, v := range v.AsSlice() {
			all = append(all, valueTexts(v)...)
		}
	case attribute.MAP:
		return texts(v.AsMap())
	}
	return all
}

func scopeTexts(s instrumentation.Scope) []string {
	return append(texts(s.Attributes.ToSlice()), s.Name, s.Version, s.SchemaURL)
}

func spanTexts(s sdktrace.ReadOnlySpan) []string {
	all := append(texts(s.Attributes()), s.Name(), s.Status().Description, s.Resource().SchemaURL())
	all = append(all, scopeTexts(s.InstrumentationScope())...)
	//lint:ignore SA1019 exporters may still ask for it
	all = append(all, scopeTexts(s.InstrumentationLibrary())...)
	all = append(all, texts(s.Resource().Attributes())...)
	for _, e := range s.Events() {
		all = append(append(all, e.Name), texts(e.Attributes)...)
	}
	for _, l := range s.Links() {
		all = append(all, texts(l.Attributes)...)
	}
	return all
}

// wantSound wants the same number of texts as there were, all UTF-8.
func wantSound(t *testing.T, before, after []string) {
	t.Helper()
	if len(after) != len(before) {
		t.Errorf("%d texts are left of %d", len(after), len(before))
	}
	for _, text := range after {
		if !utf8.ValidString(text) {
			t.Errorf("%q is exported", text)
		}
	}
}

func stub(change func(*tracetest.SpanStub)) tracetest.SpanStub {
	s := tracetest.SpanStub{
		Name: "work", SpanContext: sampled(), Attributes: []attribute.KeyValue{attribute.String("k", "v")},
		Events:               []sdktrace.Event{{Name: "event", Attributes: []attribute.KeyValue{attribute.Int("n", 1)}}},
		Links:                []sdktrace.Link{{SpanContext: sampled(), Attributes: []attribute.KeyValue{attribute.Bool("b", true)}}},
		Status:               sdktrace.Status{Code: codes.Error, Description: "broken"},
		InstrumentationScope: instrumentation.Scope{Name: "scope", Version: "1", Attributes: attribute.NewSet(attribute.String("a", "b"))},
		Resource:             resource.NewSchemaless(attribute.String("service.name", "test")),
	}
	change(&s)
	//lint:ignore SA1019 exporters may still ask for it
	s.InstrumentationLibrary = s.InstrumentationScope
	return s
}

func TestTextsOfSpansAreRepaired(t *testing.T) {
	for name, change := range map[string]func(*tracetest.SpanStub){
		"the name":                func(s *tracetest.SpanStub) { s.Name = bad },
		"an attribute":            func(s *tracetest.SpanStub) { s.Attributes = kvs(bad) },
		"the key of an attribute": func(s *tracetest.SpanStub) { s.Attributes = []attribute.KeyValue{attribute.Int(bad, 1)} },
		"a text of a slice": func(s *tracetest.SpanStub) {
			s.Attributes = []attribute.KeyValue{attribute.StringSlice("k", []string{bad})}
		},
		"the name of an event":            func(s *tracetest.SpanStub) { s.Events[0].Name = bad },
		"an attribute of an event":        func(s *tracetest.SpanStub) { s.Events[0].Attributes = kvs(bad) },
		"an attribute of a link":          func(s *tracetest.SpanStub) { s.Links[0].Attributes = kvs(bad) },
		"the description of the status":   func(s *tracetest.SpanStub) { s.Status.Description = bad },
		"the name of the scope":           func(s *tracetest.SpanStub) { s.InstrumentationScope.Name = bad },
		"the version of the scope":        func(s *tracetest.SpanStub) { s.InstrumentationScope.Version = bad },
		"the schema of the scope":         func(s *tracetest.SpanStub) { s.InstrumentationScope.SchemaURL = bad },
		"an attribute of the scope":       func(s *tracetest.SpanStub) { s.InstrumentationScope.Attributes = attribute.NewSet(kvs(bad)...) },
		"an attribute of the resource":    func(s *tracetest.SpanStub) { s.Resource = resource.NewSchemaless(kvs(bad)...) },
		"the schema of the resource":      func(s *tracetest.SpanStub) { s.Resource = resource.NewWithAttributes(bad, attribute.Int("n", 1)) },
		"everything, and nothing is lost": func(s *tracetest.SpanStub) { s.Name, s.Attributes, s.Status.Description = bad, kvs(bad), bad },
	} {
		t.Run(name, func(t *testing.T) {
			original := stub(change)
			keeper := tracetest.NewInMemoryExporter()
			p := export.NewSpans(keeping{keeper}, limits(), newLedger(t, exporters.Traces).Report)
			p.OnEnd(original.Snapshot())
			p.OnEnd(stub(func(s *tracetest.SpanStub) { s.Name = "good" }).Snapshot())
			if err := p.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			got := keeper.GetSpans().Snapshots()
			if len(got) != 2 || got[1].Name() != "good" {
				t.Fatalf("%d spans are exported, want 2", len(got))
			}
			wantSound(t, spanTexts(original.Snapshot()), spanTexts(got[0]))
		})
	}
}

// keeping keeps the spans after the shutdown.
type keeping struct{ *tracetest.InMemoryExporter }

func (keeping) Shutdown(context.Context) error { return nil }

func TestSoundSpanIsWhatItWas(t *testing.T) {
	state, err := trace.ParseTraceState("a=1,b=2")
	if err != nil {
		t.Fatal(err)
	}
	original := stub(func(s *tracetest.SpanStub) {
		s.SpanContext = s.SpanContext.WithTraceState(state)
		s.Parent, s.SpanKind, s.ChildSpanCount = s.SpanContext.WithSpanID(trace.SpanID{2}), trace.SpanKindServer, 3
		s.StartTime, s.EndTime = time.Unix(1, 0), time.Unix(2, 0)
		s.Attributes = append(kvs("sound"), attribute.String("url.full", "https://shop.example:8443/pay"))
		s.Links[0].SpanContext = s.Parent
		s.DroppedAttributes, s.DroppedEvents, s.DroppedLinks = 1, 2, 3
	})
	repaired, _ := export.SpanRepair(256)(original.Snapshot())
	if diff := cmp.Diff(original, tracetest.SpanStubFromReadOnlySpan(repaired), cmp.AllowUnexported(attribute.Value{}),
		cmp.Comparer(func(a, b trace.SpanContext) bool { return a.Equal(b) }),
		cmp.Comparer(func(a, b attribute.Set) bool { return a.Equals(&b) }),
		cmp.Comparer(func(a, b *resource.Resource) bool { return a.Equal(b) })); diff != "" {
		t.Errorf("the span differs (-want +got):\n%s", diff)
	}
}

func TestSpanIsMadeSoundWithFewAllocations(t *testing.T) {
	var s sdktrace.ReadOnlySpan = stub(func(*tracetest.SpanStub) {}).Snapshot()
	repair := export.SpanRepair(256)
	// The span, its texts, and what holds its attributes, events and links.
	if n := testing.AllocsPerRun(100, func() { repair(s) }); n > 7 {
		t.Errorf("%v allocations", n)
	}
}

// TestSpanThatWaitsHoldsNothingOfTheRequest has texts that are small parts of
// large ones, as net/http makes them of a request line.
func TestSpanThatWaitsHoldsNothingOfTheRequest(t *testing.T) {
	const spans = 64
	repair, waiting := export.SpanRepair(256), make([]sdktrace.ReadOnlySpan, spans)
	before := heap()
	for i := range spans {
		large := "a=1, b=2" + strings.Repeat("x", 1<<20)
		small := large[:3]
		state, err := trace.ParseTraceState(large[:8])
		if err != nil {
			t.Fatal(err)
		}
		context := sampled().WithTraceState(state)
		waiting[i], _ = repair(stub(func(s *tracetest.SpanStub) {
			s.Name, s.Status.Description, s.SpanContext, s.Parent = small, small, context, context
			s.Attributes = []attribute.KeyValue{attribute.String("s", small), attribute.StringSlice("m", []string{small, small}), {Key: "v", Value: attribute.SliceValue(attribute.StringValue(small))}}
			s.Events[0].Name, s.Events[0].Attributes = small, []attribute.KeyValue{{Key: "m", Value: attribute.MapValue(attribute.String("s", large))}}
			s.Links[0].SpanContext, s.Links[0].Attributes = context, []attribute.KeyValue{attribute.String("s", large)}
		}).Snapshot())
	}
	if grown := heap() - before; grown > 4<<20 {
		t.Errorf("%d spans hold %d bytes", spans, grown)
	}
	runtime.KeepAlive(waiting)
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

func TestTraceStateOfALinkIsShort(t *testing.T) {
	for length, kept := range map[int]bool{512: true, 513: false} {
		state, err := trace.ParseTraceState("a=" + strings.Repeat("x", 200) + ",b=" + strings.Repeat("y", 200) + ",c=" + strings.Repeat("z", length-408))
		if err != nil {
			t.Fatal(err)
		}
		got, _ := export.SpanRepair(256)(stub(func(s *tracetest.SpanStub) { s.Links[0].SpanContext = sampled().WithTraceState(state) }).Snapshot())
		link := got.Links()[0].SpanContext
		if (link.TraceState().String() == state.String()) != kept || link.TraceID() != sampled().TraceID() {
			t.Errorf("of a state of %d bytes %q is left", len(state.String()), link.TraceState())
		}
	}
}

func TestTextsOfLogRecordsAreRepaired(t *testing.T) {
	sound := []attribute.KeyValue{attribute.String("k", "v")}
	for name, change := range map[string]func(*log.Record){
		"the event name":        func(r *log.Record) { r.SetEventName(bad) },
		"the text of severity":  func(r *log.Record) { r.SetSeverityText(bad) },
		"the body":              func(r *log.Record) { r.SetBody(attribute.StringValue(bad)) },
		"a map for a body":      func(r *log.Record) { r.SetBody(attribute.MapValue(kvs(bad)...)) },
		"attributes":            func(r *log.Record) { r.AddAttributes(kvs(bad)...) },
		"the last of many":      func(r *log.Record) { r.AddAttributes(many(bad)...) },
		"a record that is good": func(r *log.Record) { r.SetBody(attribute.StringValue("good")) },
	} {
		t.Run(name, func(t *testing.T) {
			keeper := &keptRecords{}
			l := newLedger(t, exporters.Logs)
			p := export.NewLogs(keeper, limits(), l.Report)
			provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(p))
			var record log.Record
			record.SetTimestamp(time.Unix(1, 0))
			record.AddAttributes(sound...)
			change(&record)
			provider.Logger("good").Emit(t.Context(), record)
			provider.Logger(bad).Emit(t.Context(), record)
			provider.Logger("good", log.WithInstrumentationVersion(bad)).Emit(t.Context(), record)
			if err := provider.Shutdown(t.Context()); err == nil || l.dropped("invalid_text") != 2 {
				t.Errorf("Shutdown: %v, %d are dropped for the name of their logger, want 2", err, l.dropped("invalid_text"))
			}
			if len(keeper.records) != 1 {
				t.Fatalf("%d records are exported, want 1", len(keeper.records))
			}
			got := keeper.records[0]
			wantSound(t, recordTexts(apiTexts(record)), recordTexts(sdkTexts(got)))
		})
	}
}

func many(last string) (kvs []attribute.KeyValue) {
	for i := range 20 {
		kvs = append(kvs, attribute.Int("key"+string(rune('a'+i)), i))
	}
	return append(kvs, attribute.String("last", last))
}

type keptRecords struct {
	destination
	records []sdklog.Record
}

func (k *keptRecords) Export(_ context.Context, records []sdklog.Record) error {
	k.records = append(k.records, records...)
	return nil
}

func apiTexts(r log.Record) (kvs []attribute.KeyValue, body attribute.Value, event, severity string) {
	r.WalkAttributes(func(kv attribute.KeyValue) bool { kvs = append(kvs, kv); return true })
	return kvs, r.Body(), r.EventName(), r.SeverityText()
}

func sdkTexts(r sdklog.Record) (kvs []attribute.KeyValue, body attribute.Value, event, severity string) {
	r.WalkAttributes(func(kv attribute.KeyValue) bool { kvs = append(kvs, kv); return true })
	return kvs, r.Body(), r.EventName(), r.SeverityText()
}

func recordTexts(kvs []attribute.KeyValue, body attribute.Value, event, severity string) []string {
	return append(append(texts(kvs), valueTexts(body)...), event, severity)
}
