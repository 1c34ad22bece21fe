package export

import (
	"slices"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
)

// The functions here are pairs like those for text: short… tells whether all
// texts have at most longest bytes, cut… makes a copy in which they have.

// cutText cuts s between two characters.
func cutText(s string, longest int) string {
	if len(s) <= longest {
		return s
	}
	for longest > 0 && !utf8.RuneStart(s[longest]) {
		longest--
	}
	return s[:longest]
}

func shortKeyValues(kvs []attribute.KeyValue, longest int) bool {
	for i := range kvs {
		if !shortValue(kvs[i].Value, longest) {
			return false
		}
	}
	return true
}

// cutKeyValues cuts the values in kvs itself. Keys are the program's own.
func cutKeyValues(kvs []attribute.KeyValue, longest int) {
	for i, kv := range kvs {
		kvs[i].Value = cutValue(kv.Value, longest)
	}
}

func shortValue(v attribute.Value, longest int) bool {
	switch v.Type() {
	case attribute.STRING:
		return len(v.AsString()) <= longest
	case attribute.STRINGSLICE:
		return !slices.ContainsFunc(v.AsStringSlice(), func(s string) bool { return len(s) > longest })
	case attribute.SLICE:
		return !slices.ContainsFunc(v.AsSlice(), func(v attribute.Value) bool { return !shortValue(v, longest) })
	case attribute.MAP:
		return shortKeyValues(v.AsMap(), longest)
	}
	return true
}

func cutValue(v attribute.Value, longest int) attribute.Value {
	switch v.Type() {
	case attribute.STRING:
		return attribute.StringValue(cutText(v.AsString(), longest))
	case attribute.STRINGSLICE:
		texts := v.AsStringSlice()
		for i := range texts {
			texts[i] = cutText(texts[i], longest)
		}
		return attribute.StringSliceValue(texts)
	case attribute.SLICE:
		values := v.AsSlice()
		for i := range values {
			values[i] = cutValue(values[i], longest)
		}
		return attribute.SliceValue(values...)
	case attribute.MAP:
		kvs := v.AsMap()
		cutKeyValues(kvs, longest)
		return attribute.MapValue(kvs...)
	}
	return v
}
