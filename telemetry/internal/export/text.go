package export

import (
	"slices"
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
)

// The functions here come in pairs, since nearly every text is good: valid… finds
// that out without an allocation (the values of a slice aside, which attribute
// hands out as copies), repair… makes a copy. Byte slices may hold anything.

func repairText(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func validKeyValue(kv attribute.KeyValue) bool {
	return utf8.ValidString(string(kv.Key)) && validValue(kv.Value)
}

func validKeyValues(kvs []attribute.KeyValue) bool {
	for i := range kvs {
		if !validKeyValue(kvs[i]) {
			return false
		}
	}
	return true
}

func repairKeyValues(kvs []attribute.KeyValue) []attribute.KeyValue {
	kvs = slices.Clone(kvs)
	for i, kv := range kvs {
		kvs[i] = attribute.KeyValue{Key: attribute.Key(repairText(string(kv.Key))), Value: repairValue(kv.Value)}
	}
	return kvs
}

func validValue(v attribute.Value) bool {
	switch v.Type() {
	case attribute.STRING:
		return utf8.ValidString(v.AsString())
	case attribute.STRINGSLICE:
		return !slices.ContainsFunc(v.AsStringSlice(), func(s string) bool { return !utf8.ValidString(s) })
	case attribute.SLICE:
		return !slices.ContainsFunc(v.AsSlice(), func(v attribute.Value) bool { return !validValue(v) })
	case attribute.MAP:
		return validKeyValues(v.AsMap())
	}
	return true
}

func repairValue(v attribute.Value) attribute.Value {
	switch v.Type() {
	case attribute.STRING:
		return attribute.StringValue(repairText(v.AsString()))
	case attribute.STRINGSLICE:
		texts := v.AsStringSlice()
		for i := range texts {
			texts[i] = repairText(texts[i])
		}
		return attribute.StringSliceValue(texts)
	case attribute.SLICE:
		values := v.AsSlice()
		for i := range values {
			values[i] = repairValue(values[i])
		}
		return attribute.SliceValue(values...)
	case attribute.MAP:
		return attribute.MapValue(repairKeyValues(v.AsMap())...)
	}
	return v
}

func validSet(s *attribute.Set) bool {
	for i := range s.Len() {
		if kv, _ := s.Get(i); !validKeyValue(kv) {
			return false
		}
	}
	return true
}

func repairSet(s *attribute.Set) attribute.Set {
	return attribute.NewSet(repairKeyValues(s.ToSlice())...)
}

func validScope(s instrumentation.Scope) bool {
	return utf8.ValidString(s.Name) && utf8.ValidString(s.Version) && utf8.ValidString(s.SchemaURL) && validSet(&s.Attributes)
}

func repairScope(s instrumentation.Scope) instrumentation.Scope {
	return instrumentation.Scope{
		Name: repairText(s.Name), Version: repairText(s.Version), SchemaURL: repairText(s.SchemaURL),
		Attributes: repairSet(&s.Attributes),
	}
}

// repairResource returns r itself where its texts are UTF-8 and it leaves an
// export room for items; otherwise it leaves out attributes that do not fit.
func repairResource(r *resource.Resource) *resource.Resource {
	if utf8.ValidString(r.SchemaURL()) && validSet(r.Set()) && sizeOfResource(r) <= maxResource {
		return r
	}
	url := cutText(repairText(r.SchemaURL()), maxResource/2)
	room := maxResource - partSize - len(url)
	return resource.NewWithAttributes(url, fitting(repairKeyValues(r.Attributes()), &room, sizeOfKeyValue)...)
}
