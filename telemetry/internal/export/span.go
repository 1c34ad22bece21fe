package export

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// soundSpan is a span that holds nothing of the one that it was made from.
type soundSpan struct {
	// ReadOnlySpan is nil. It has what only the SDK can have, which nobody calls.
	sdktrace.ReadOnlySpan

	context, parent trace.SpanContext
	kind            trace.SpanKind
	start, end      time.Time
	name            string
	attributes      []attribute.KeyValue
	links           []sdktrace.Link
	events          []sdktrace.Event
	status          sdktrace.Status
	scope           instrumentation.Scope
	resource        *resource.Resource
	// What the SDK and shrink left out.
	lostAttributes, lostEvents, lostLinks int
	children                              int
	size                                  int
}

// shrink leaves out what does not fit into max bytes, the attributes last.
func (s *soundSpan) shrink(max int) {
	attributes, events, links := s.attributes, s.events, s.links
	s.attributes, s.events, s.links = nil, nil, nil
	room := max - sizeOfSpan(s)
	s.attributes = fitting(attributes, &room, sizeOfKeyValue)
	s.events = fitting(events, &room, sizeOfEvent)
	s.links = fitting(links, &room, sizeOfLink)
	s.lostAttributes += len(attributes) - len(s.attributes)
	s.lostEvents += len(events) - len(s.events)
	s.lostLinks += len(links) - len(s.links)
}

func (s *soundSpan) Name() string                                  { return s.name }
func (s *soundSpan) SpanContext() trace.SpanContext                { return s.context }
func (s *soundSpan) Parent() trace.SpanContext                     { return s.parent }
func (s *soundSpan) SpanKind() trace.SpanKind                      { return s.kind }
func (s *soundSpan) StartTime() time.Time                          { return s.start }
func (s *soundSpan) EndTime() time.Time                            { return s.end }
func (s *soundSpan) Attributes() []attribute.KeyValue              { return s.attributes }
func (s *soundSpan) Links() []sdktrace.Link                        { return s.links }
func (s *soundSpan) Events() []sdktrace.Event                      { return s.events }
func (s *soundSpan) Status() sdktrace.Status                       { return s.status }
func (s *soundSpan) InstrumentationScope() instrumentation.Scope   { return s.scope }
func (s *soundSpan) InstrumentationLibrary() instrumentation.Scope { return s.scope }
func (s *soundSpan) Resource() *resource.Resource                  { return s.resource }
func (s *soundSpan) DroppedAttributes() int                        { return s.lostAttributes }
func (s *soundSpan) DroppedEvents() int                            { return s.lostEvents }
func (s *soundSpan) DroppedLinks() int                             { return s.lostLinks }
func (s *soundSpan) ChildSpanCount() int                           { return s.children }
