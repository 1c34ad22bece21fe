package export

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Sizes here are upper bounds of what something takes in protobuf, in bytes.
const (
	// maxExport is what one export holds at the most. A collector over gRPC mostly
	// takes 4 MiB, and loses all of what is larger.
	maxExport = 3584 << 10
	// maxItem is what one span or record holds at the most. It leaves an export
	// room for the resource.
	maxItem = 1 << 20
	// maxResource is what a resource holds at the most.
	maxResource = 256 << 10

	// What a part takes besides its texts: tags, lengths, numbers, ids and times.
	// A nested value has a tag and a length of up to 5 bytes on three levels.
	keyValueSize = 32
	elementSize  = 20
	partSize     = 192
)

// inParts hands items to export in parts of at most maxExport, and returns those
// that fit into none. size prepares an item and returns its size; base is what
// each part holds besides. Items are moved within their slice, but not those
// that were handed out.
func inParts[T any](items []T, base int, size func(*T) int, export func([]T)) (tooLarge []T) {
	from, to, total := 0, 0, base
	for i := range items {
		items[to] = items[i]
		n := size(&items[to])
		if base+n > maxExport {
			tooLarge = append(tooLarge, items[to])
			continue
		}
		if to > from && total+n > maxExport {
			export(items[from:to:to])
			from, total = to, base
		}
		to++
		total += n
	}
	if to > from {
		export(items[from:to:to])
	}
	return tooLarge
}

// fitting returns the items which fit into room, and takes theirs from it.
func fitting[T any](items []T, room *int, size func(T) int) []T {
	return slices.DeleteFunc(slices.Clone(items), func(item T) bool {
		n := size(item)
		if n > *room {
			return true
		}
		*room -= n
		return false
	})
}

func sizeOfSpan(s sdktrace.ReadOnlySpan) int {
	n := partSize + len(s.Name()) + len(s.Status().Description) + sizeOfState(s.SpanContext().TraceState()) +
		sizeOfScope(s.InstrumentationScope()) + sizeOfKeyValues(s.Attributes())
	for _, e := range s.Events() {
		n += sizeOfEvent(e)
	}
	for _, l := range s.Links() {
		n += sizeOfLink(l)
	}
	return n
}

func sizeOfEvent(e sdktrace.Event) int { return partSize + len(e.Name) + sizeOfKeyValues(e.Attributes) }

func sizeOfLink(l sdktrace.Link) int {
	return partSize + sizeOfState(l.SpanContext.TraceState()) + sizeOfKeyValues(l.Attributes)
}

// sizeOfState does not look into s: a member has a key and a value of up to 256
// bytes each.
func sizeOfState(s trace.TraceState) int { return s.Len() * 2 * (256 + 1) }

func sizeOfRecord(r *sdklog.Record) int {
	n := partSize + len(r.EventName()) + len(r.SeverityText()) +
		sizeOfScope(r.InstrumentationScope()) + sizeOfValue(r.Body())
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		n += sizeOfKeyValue(kv)
		return true
	})
	return n
}

func sizeOfScope(s instrumentation.Scope) int {
	return partSize + len(s.Name) + len(s.Version) + len(s.SchemaURL) + sizeOfSet(&s.Attributes)
}

func sizeOfResource(r *resource.Resource) int {
	return partSize + len(r.SchemaURL()) + sizeOfKeyValues(r.Attributes())
}

func sizeOfKeyValues(kvs []attribute.KeyValue) (n int) {
	for i := range kvs {
		n += sizeOfKeyValue(kvs[i])
	}
	return n
}

func sizeOfKeyValue(kv attribute.KeyValue) int {
	return keyValueSize + len(kv.Key) + sizeOfValue(kv.Value)
}

func sizeOfValue(v attribute.Value) int {
	n := elementSize
	switch v.Type() {
	case attribute.STRING:
		n += len(v.AsString())
	case attribute.BYTESLICE:
		n += len(v.AsByteSlice())
	case attribute.STRINGSLICE:
		for _, s := range v.AsStringSlice() {
			n += elementSize + len(s)
		}
	case attribute.BOOLSLICE:
		n += elementSize * len(v.AsBoolSlice())
	case attribute.INT64SLICE:
		n += elementSize * len(v.AsInt64Slice())
	case attribute.FLOAT64SLICE:
		n += elementSize * len(v.AsFloat64Slice())
	case attribute.SLICE:
		for _, v := range v.AsSlice() {
			n += sizeOfValue(v)
		}
	case attribute.MAP:
		n += sizeOfKeyValues(v.AsMap())
	}
	return n
}
