package export

import sdktrace "go.opentelemetry.io/otel/sdk/trace"

// SpanRepair returns what repairs a span, and tells its size.
func SpanRepair(longest int) func(sdktrace.ReadOnlySpan) (sdktrace.ReadOnlySpan, int) {
	repair := &spanRepair{longest: longest}
	return func(s sdktrace.ReadOnlySpan) (sdktrace.ReadOnlySpan, int) {
		sound := repair.span(s)
		return sound, sound.size
	}
}
