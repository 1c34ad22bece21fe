package export

import (
	"slices"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// spanRepair repairs the texts of spans. It is for one goroutine at a time.
type spanRepair struct {
	// seen is the last resource, which mostly is that of all spans, and sound is
	// seen in repair.
	seen, sound *resource.Resource
}

// span returns s itself where all its texts are UTF-8.
func (r *spanRepair) span(s sdktrace.ReadOnlySpan) sdktrace.ReadOnlySpan {
	from := s.Resource()
	if from != r.seen {
		r.seen, r.sound = from, repairResource(from)
	}
	if r.sound == from && validSpan(s) {
		return s
	}
	return repairSpan(s, r.sound)
}

func validSpan(s sdktrace.ReadOnlySpan) bool {
	if !utf8.ValidString(s.Name()) || !utf8.ValidString(s.Status().Description) ||
		!validKeyValues(s.Attributes()) || !validScope(s.InstrumentationScope()) {
		return false
	}
	for _, e := range s.Events() {
		if !utf8.ValidString(e.Name) || !validKeyValues(e.Attributes) {
			return false
		}
	}
	for _, l := range s.Links() {
		if !validKeyValues(l.Attributes) {
			return false
		}
	}
	return true
}

func repairSpan(s sdktrace.ReadOnlySpan, r *resource.Resource) *soundSpan {
	sound := &soundSpan{
		ReadOnlySpan: s,
		name:         repairText(s.Name()),
		attributes:   repairKeyValues(s.Attributes()),
		links:        slices.Clone(s.Links()),
		events:       slices.Clone(s.Events()),
		status:       s.Status(),
		scope:        repairScope(s.InstrumentationScope()),
		resource:     r,
	}
	sound.status.Description = repairText(sound.status.Description)
	for i, l := range sound.links {
		sound.links[i].Attributes = repairKeyValues(l.Attributes)
	}
	for i, e := range sound.events {
		sound.events[i].Name, sound.events[i].Attributes = repairText(e.Name), repairKeyValues(e.Attributes)
	}
	return sound
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
}

func (s *soundSpan) Name() string                                  { return s.name }
func (s *soundSpan) Attributes() []attribute.KeyValue              { return s.attributes }
func (s *soundSpan) Links() []sdktrace.Link                        { return s.links }
func (s *soundSpan) Events() []sdktrace.Event                      { return s.events }
func (s *soundSpan) Status() sdktrace.Status                       { return s.status }
func (s *soundSpan) InstrumentationScope() instrumentation.Scope   { return s.scope }
func (s *soundSpan) InstrumentationLibrary() instrumentation.Scope { return s.scope }
func (s *soundSpan) Resource() *resource.Resource                  { return s.resource }
