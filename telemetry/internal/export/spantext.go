package export

import (
	"strings"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/tutorflow/observability/telemetry/zaplog"
)

// maxLinkState is the longest trace state of a link, in bytes. It is what
// everybody has to pass on, and who wrote it may be a stranger.
const maxLinkState = 512

// spanRepair makes spans that may wait and be exported. It is safe for
// concurrent use.
type spanRepair struct {
	// longest is the longest text that a span may hold, in bytes. The SDK's limit
	// counts characters, and only in the attributes of the span itself.
	longest int
	// resource is the last one, which mostly is that of all spans.
	resource atomic.Pointer[soundResource]
}

// soundResource is a resource and what is made of it.
type soundResource struct{ from, sound *resource.Resource }

// span returns s with texts that are UTF-8, short and free of known secrets, and
// of at most maxItem bytes: what does not fit is left out, and counted in the
// span. It holds nothing of s: a text may be a small part of a large one, like
// the header of a request, which would be kept for as long as the span waits.
func (r *spanRepair) span(s sdktrace.ReadOnlySpan) *soundSpan {
	t := texts{longest: r.longest}
	t.kept.Grow(512) // what a request mostly takes
	status := s.Status()
	sound := &soundSpan{
		context: t.context(s.SpanContext()), parent: t.context(s.Parent()), kind: s.SpanKind(),
		start: s.StartTime(), end: s.EndTime(),
		name:       t.own(s.Name()),
		attributes: t.keyValues(s.Attributes()),
		status:     sdktrace.Status{Code: status.Code, Description: t.own(status.Description)},
		scope:      r.scope(s.InstrumentationScope()), resource: r.sound(s.Resource()),
		lostAttributes: s.DroppedAttributes(), lostEvents: s.DroppedEvents(), lostLinks: s.DroppedLinks(),
		children: s.ChildSpanCount(),
	}
	for _, e := range s.Events() {
		e.Name, e.Attributes = t.own(e.Name), t.keyValues(e.Attributes)
		sound.events = append(sound.events, e)
	}
	for _, l := range s.Links() {
		l.SpanContext, l.Attributes = t.linked(l.SpanContext), t.keyValues(l.Attributes)
		sound.links = append(sound.links, l)
	}
	if sound.size = sizeOfSpan(sound); sound.size > maxItem {
		if sizeOfScope(sound.scope) > maxItem/4 {
			sound.scope = t.nameOf(sound.scope)
		}
		sound.shrink(maxItem)
		sound.size = sizeOfSpan(sound)
	}
	return sound
}

func (r *spanRepair) sound(from *resource.Resource) *resource.Resource {
	last := r.resource.Load()
	if last == nil || last.from != from {
		last = &soundResource{from, repairResource(from)}
		r.resource.Store(last)
	}
	return last.sound
}

func (*spanRepair) scope(s instrumentation.Scope) instrumentation.Scope {
	if validScope(s) {
		return s
	}
	return repairScope(s)
}

// texts makes the texts of one span its own, all in one piece of memory. Keys
// are the program's.
type texts struct {
	longest int
	kept    strings.Builder
}

func (t *texts) own(s string) string { return t.keep(zaplog.Redact(s)) }

// keep is own for what has no secrets.
func (t *texts) keep(s string) string {
	from := t.kept.Len()
	t.kept.WriteString(cutText(repairText(s), t.longest))
	return t.kept.String()[from:]
}

// nameOf is what is left of a scope that is too large.
func (t *texts) nameOf(s instrumentation.Scope) instrumentation.Scope {
	return instrumentation.Scope{Name: t.own(s.Name), Version: t.own(s.Version), SchemaURL: t.own(s.SchemaURL)}
}

func (t *texts) keyValues(kvs []attribute.KeyValue) []attribute.KeyValue {
	if len(kvs) == 0 {
		return nil
	}
	own := make([]attribute.KeyValue, len(kvs))
	for i, kv := range kvs {
		own[i] = attribute.KeyValue{Key: attribute.Key(repairText(string(kv.Key))), Value: t.value(kv.Key, kv.Value)}
	}
	return own
}

func (t *texts) value(key attribute.Key, v attribute.Value) attribute.Value {
	text := func(s string) string { return t.keep(withoutSecrets(key, s)) }
	switch v.Type() {
	case attribute.STRING:
		return attribute.StringValue(text(v.AsString()))
	case attribute.BYTESLICE: // it may hold anything, and is copied by being read
		bytes := string(v.AsByteSlice())
		if free := withoutSecrets(key, bytes); free != bytes {
			return attribute.ByteSliceValue([]byte(free))
		}
	case attribute.STRINGSLICE:
		values := v.AsStringSlice()
		for i := range values {
			values[i] = text(values[i])
		}
		return attribute.StringSliceValue(values)
	case attribute.SLICE:
		values := v.AsSlice()
		for i := range values {
			values[i] = t.value(key, values[i])
		}
		return attribute.SliceValue(values...)
	case attribute.MAP:
		if zaplog.Sensitive(string(key)) {
			return attribute.StringValue(redacted)
		}
		return attribute.MapValue(t.keyValues(v.AsMap())...)
	}
	return v
}

// context has a trace state of its own.
func (t *texts) context(c trace.SpanContext) trace.SpanContext {
	if c.TraceState().Len() == 0 {
		return c
	}
	// String makes a text of its own, which can be read again.
	state, _ := trace.ParseTraceState(c.TraceState().String())
	return c.WithTraceState(state)
}

// linked is context with a trace state that is short.
func (t *texts) linked(c trace.SpanContext) trace.SpanContext {
	if len(c.TraceState().String()) > maxLinkState {
		return c.WithTraceState(trace.TraceState{})
	}
	return t.context(c)
}
