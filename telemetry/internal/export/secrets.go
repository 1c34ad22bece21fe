package export

import (
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/tutorflow/observability/telemetry/zaplog"
)

// The functions here are pairs like those for text: what is free of secrets is
// found out without an allocation. A secret is what it is in a log line, numbers
// aside: instrumentations count tokens of another kind.

// redacted stands in the place of a secret, as in log lines.
const redacted = "[REDACTED]"

// withoutSecrets returns text, the value of the attribute called key, without the
// secrets in it: what zaplog.Redact masks, and of the URLs that instrumentation
// libraries put there unasked the user, the query and the fragment.
func withoutSecrets(key attribute.Key, text string) string {
	switch key {
	case "url.full", "http.url", "http.target":
		text = zaplog.Redact(text)
		if i := strings.IndexAny(text, "?#"); i >= 0 {
			return text[:i]
		}
		return text
	case "url.query":
		return ""
	}
	if zaplog.Sensitive(string(key)) {
		return redacted
	}
	return zaplog.Redact(text)
}

func secretFree(kvs []attribute.KeyValue) bool {
	for _, kv := range kvs {
		if !freeValue(kv.Key, kv.Value) {
			return false
		}
	}
	return true
}

// removeSecrets changes kvs itself.
func removeSecrets(kvs []attribute.KeyValue) {
	for i, kv := range kvs {
		kvs[i].Value = withoutSecretsIn(kv.Key, kv.Value)
	}
}

func freeValue(key attribute.Key, v attribute.Value) bool {
	free := func(text string) bool { return withoutSecrets(key, text) == text }
	switch v.Type() {
	case attribute.STRING:
		return free(v.AsString())
	case attribute.BYTESLICE:
		return free(string(v.AsByteSlice()))
	case attribute.STRINGSLICE:
		return !slices.ContainsFunc(v.AsStringSlice(), func(text string) bool { return !free(text) })
	case attribute.SLICE:
		return !slices.ContainsFunc(v.AsSlice(), func(v attribute.Value) bool { return !freeValue(key, v) })
	case attribute.MAP:
		return !zaplog.Sensitive(string(key)) && secretFree(v.AsMap())
	}
	return true
}

func withoutSecretsIn(key attribute.Key, v attribute.Value) attribute.Value {
	switch v.Type() {
	case attribute.STRING:
		return attribute.StringValue(withoutSecrets(key, v.AsString()))
	case attribute.BYTESLICE:
		return attribute.ByteSliceValue([]byte(withoutSecrets(key, string(v.AsByteSlice()))))
	case attribute.STRINGSLICE:
		texts := v.AsStringSlice()
		for i := range texts {
			texts[i] = withoutSecrets(key, texts[i])
		}
		return attribute.StringSliceValue(texts)
	case attribute.SLICE:
		values := v.AsSlice()
		for i := range values {
			values[i] = withoutSecretsIn(key, values[i])
		}
		return attribute.SliceValue(values...)
	case attribute.MAP:
		if zaplog.Sensitive(string(key)) {
			return attribute.StringValue(redacted)
		}
		kvs := v.AsMap()
		removeSecrets(kvs)
		return attribute.MapValue(kvs...)
	}
	return v
}
