package export

import (
	"slices"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/tutorflow/observability/telemetry/zaplog"
)

// spanRepair repairs the texts of spans, removes secrets and cuts them. It is for
// one goroutine at a time.
type spanRepair struct {
	// longest is the longest text that a span may hold, in bytes. The SDK's limit
	// counts characters, and only in the attributes of the span itself.
	longest int
	// seen is the last resource, which mostly is that of all spans, and sound is
	// seen in repair.
	seen, sound *resource.Resource
}

// span returns s itself where all its texts are UTF-8, short and free of known
// secrets. size is at most maxItem: what does not fit is left out, and counted in
// the span.
func (r *spanRepair) span(s sdktrace.ReadOnlySpan) (sound sdktrace.ReadOnlySpan, size int) {
	if r.resource(s) == s.Resource() && r.fine(s) {
		if size = sizeOfSpan(s); size <= maxItem {
			return s, size
		}
	}
	repaired := r.repair(s)
	if size = sizeOfSpan(repaired); size > maxItem {
		if sizeOfScope(repaired.scope) > maxItem/4 {
			repaired.scope = r.nameOf(repaired.scope)
		}
		repaired.shrink(maxItem)
		size = sizeOfSpan(repaired)
	}
	return repaired, size
}

// resource returns that of s, repaired.
func (r *spanRepair) resource(s sdktrace.ReadOnlySpan) *resource.Resource {
	if from := s.Resource(); from != r.seen {
		r.seen, r.sound = from, repairResource(from)
	}
	return r.sound
}

// nameOf is what is left of a scope that is too large.
func (r *spanRepair) nameOf(s instrumentation.Scope) instrumentation.Scope {
	return instrumentation.Scope{Name: r.text(s.Name), Version: r.text(s.Version), SchemaURL: r.text(s.SchemaURL)}
}

func (r *spanRepair) fine(s sdktrace.ReadOnlySpan) bool {
	if !r.fineText(s.Name()) || !r.fineText(s.Status().Description) || !r.fineKeyValues(s.Attributes()) || !validScope(s.InstrumentationScope()) {
		return false
	}
	for _, e := range s.Events() {
		if !r.fineText(e.Name) || !r.fineKeyValues(e.Attributes) {
			return false
		}
	}
	for _, l := range s.Links() {
		if !r.fineKeyValues(l.Attributes) {
			return false
		}
	}
	return true
}

func (r *spanRepair) fineText(s string) bool {
	return len(s) <= r.longest && utf8.ValidString(s) && zaplog.Redact(s) == s
}

func (r *spanRepair) fineKeyValues(kvs []attribute.KeyValue) bool {
	return shortKeyValues(kvs, r.longest) && validKeyValues(kvs) && secretFree(kvs)
}

func (r *spanRepair) repair(s sdktrace.ReadOnlySpan) *soundSpan {
	sound := &soundSpan{
		ReadOnlySpan: s,
		name:         r.text(s.Name()),
		attributes:   r.keyValues(s.Attributes()),
		links:        slices.Clone(s.Links()),
		events:       slices.Clone(s.Events()),
		status:       s.Status(),
		scope:        repairScope(s.InstrumentationScope()),
		resource:     r.sound,
	}
	sound.status.Description = r.text(sound.status.Description)
	for i, l := range sound.links {
		sound.links[i].Attributes = r.keyValues(l.Attributes)
	}
	for i, e := range sound.events {
		sound.events[i].Name, sound.events[i].Attributes = r.text(e.Name), r.keyValues(e.Attributes)
	}
	return sound
}

func (r *spanRepair) text(s string) string { return cutText(repairText(zaplog.Redact(s)), r.longest) }

func (r *spanRepair) keyValues(kvs []attribute.KeyValue) []attribute.KeyValue {
	kvs = repairKeyValues(kvs)
	removeSecrets(kvs)
	cutKeyValues(kvs, r.longest)
	return kvs
}

// soundSpan is a span with other texts.
type soundSpan struct {
	sdktrace.ReadOnlySpan
	name       string
	attributes []attribute.KeyValue
	links      []sdktrace.Link
	events     []sdktrace.Event
	status     sdktrace.Status
	scope      instrumentation.Scope
	resource   *resource.Resource
	// What shrink left out.
	lostAttributes, lostEvents, lostLinks int
}

// shrink leaves out what does not fit into max bytes, the attributes last.
func (s *soundSpan) shrink(max int) {
	attributes, events, links := s.attributes, s.events, s.links
	s.attributes, s.events, s.links = nil, nil, nil
	room := max - sizeOfSpan(s)
	s.attributes = fitting(attributes, &room, sizeOfKeyValue)
	s.events = fitting(events, &room, sizeOfEvent)
	s.links = fitting(links, &room, sizeOfLink)
	s.lostAttributes = len(attributes) - len(s.attributes)
	s.lostEvents = len(events) - len(s.events)
	s.lostLinks = len(links) - len(s.links)
}

func (s *soundSpan) Name() string                                  { return s.name }
func (s *soundSpan) Attributes() []attribute.KeyValue              { return s.attributes }
func (s *soundSpan) Links() []sdktrace.Link                        { return s.links }
func (s *soundSpan) Events() []sdktrace.Event                      { return s.events }
func (s *soundSpan) Status() sdktrace.Status                       { return s.status }
func (s *soundSpan) InstrumentationScope() instrumentation.Scope   { return s.scope }
func (s *soundSpan) InstrumentationLibrary() instrumentation.Scope { return s.scope }
func (s *soundSpan) Resource() *resource.Resource                  { return s.resource }

func (s *soundSpan) DroppedAttributes() int {
	return s.ReadOnlySpan.DroppedAttributes() + s.lostAttributes
}
func (s *soundSpan) DroppedEvents() int { return s.ReadOnlySpan.DroppedEvents() + s.lostEvents }
func (s *soundSpan) DroppedLinks() int  { return s.ReadOnlySpan.DroppedLinks() + s.lostLinks }
