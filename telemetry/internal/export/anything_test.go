package export_test

import (
	"math/rand/v2"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

// anything makes telemetry of everything that its types hold, the texts of
// which are those given.
type anything struct {
	*rand.Rand
	texts []string
	// long is how long the longest texts are, and room how much all of them may
	// take.
	long, room int
}

func newAnything(shape uint64, long int, texts ...string) *anything {
	return &anything{rand.New(rand.NewPCG(shape, 0)), texts, long, 8 << 20}
}

func (a *anything) text() string {
	text := a.texts[a.IntN(len(a.texts))]
	switch {
	case a.IntN(20) == 0 && text != "":
		text = strings.Repeat(text, a.long/len(text)+1)
	case a.IntN(4) == 0:
		text += a.texts[a.IntN(len(a.texts))]
	}
	if len(text) > a.room {
		text = ""
	}
	a.room -= len(text)
	return text
}

// some is a number up to most, mostly a small one.
func (a *anything) some(most int) int {
	if a.IntN(10) > 0 {
		most = min(most, 4)
	}
	return a.IntN(most + 1)
}

// list are up to most values.
func list[T any](a *anything, most int, value func() T) []T {
	all := make([]T, a.some(most))
	for i := range all {
		all[i] = value()
	}
	return all
}

func (a *anything) keyValues(most, depth int) []attribute.KeyValue {
	return list(a, most, func() attribute.KeyValue {
		return attribute.KeyValue{Key: attribute.Key(a.text()), Value: a.value(depth)}
	})
}

func (a *anything) value(depth int) attribute.Value {
	switch kind := a.IntN(12); {
	case kind == 0:
		return attribute.Value{}
	case kind == 1:
		return attribute.BoolValue(a.IntN(2) == 0)
	case kind == 2:
		return attribute.Int64Value(int64(a.Uint64()))
	case kind == 3:
		return attribute.Float64Value(a.NormFloat64())
	case kind == 4:
		return attribute.BoolSliceValue(make([]bool, a.some(a.long)))
	case kind == 5:
		return attribute.Int64SliceValue(list(a, a.long/8, a.Int64))
	case kind == 6:
		return attribute.Float64SliceValue(make([]float64, a.some(a.long/8)))
	case kind == 7:
		return attribute.StringSliceValue(list(a, 100, a.text))
	case kind == 8:
		return attribute.ByteSliceValue([]byte(a.text()))
	case kind == 9 && depth > 0:
		return attribute.SliceValue(list(a, 100, func() attribute.Value { return a.value(depth - 1) })...)
	case kind == 10 && depth > 0:
		return attribute.MapValue(a.keyValues(100, depth-1)...)
	}
	return attribute.StringValue(a.text())
}

func (a *anything) time() time.Time { return time.Unix(0, a.Int64()) }

func (a *anything) set() attribute.Set { return attribute.NewSet(a.keyValues(200, 2)...) }

func (a *anything) scope() instrumentation.Scope {
	return instrumentation.Scope{Name: a.text(), Version: a.text(), SchemaURL: a.text(), Attributes: a.set()}
}

// state is as long as one may be.
func (a *anything) state() trace.TraceState {
	var state trace.TraceState
	for range a.some(32) {
		key, value := make([]byte, 1+a.IntN(241)), strings.Repeat("~", 1+a.IntN(256))
		for i := range key {
			key[i] = 'a' + byte(a.IntN(26))
		}
		state, _ = state.Insert(string(key), value)
	}
	return state
}

func (a *anything) context() trace.SpanContext {
	return trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1, byte(a.Uint32())}, SpanID: trace.SpanID{1, byte(a.Uint32())},
		TraceFlags: trace.FlagsSampled, TraceState: a.state(), Remote: a.IntN(2) == 0,
	})
}

func (a *anything) span() tracetest.SpanStub {
	s := tracetest.SpanStub{
		Name: a.text(), SpanContext: a.context(), Parent: a.context(), SpanKind: trace.SpanKind(a.IntN(7)),
		StartTime: a.time(), EndTime: a.time(), Attributes: a.keyValues(1024, 3),
		Events: list(a, 1024, func() sdktrace.Event {
			return sdktrace.Event{Name: a.text(), Time: a.time(), Attributes: a.keyValues(50, 2), DroppedAttributeCount: a.IntN(9)}
		}),
		Links: list(a, 1024, func() sdktrace.Link {
			return sdktrace.Link{SpanContext: a.context(), Attributes: a.keyValues(50, 2), DroppedAttributeCount: a.IntN(9)}
		}),
		Status:            sdktrace.Status{Code: codes.Code(a.IntN(3)), Description: a.text()},
		DroppedAttributes: a.IntN(9), DroppedEvents: a.IntN(9), DroppedLinks: a.IntN(9), ChildSpanCount: a.IntN(9),
		InstrumentationScope: a.scope(),
	}
	//lint:ignore SA1019 exporters may still ask for it
	s.InstrumentationLibrary = s.InstrumentationScope
	return s
}

func (a *anything) record() (r log.Record) {
	r.SetTimestamp(a.time())
	r.SetObservedTimestamp(a.time())
	r.SetEventName(a.text())
	r.SetSeverity(log.Severity(a.IntN(25)))
	r.SetSeverityText(a.text())
	r.SetBody(a.value(3))
	r.AddAttributes(a.keyValues(1024, 3)...)
	return r
}
