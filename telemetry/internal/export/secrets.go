package export

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/tutorflow/observability/telemetry/zaplog"
)

// withoutSecrets returns the text of the attribute called key without what
// instrumentation libraries put there unasked: of a URL the user, the query and
// the fragment, and of an error what zaplog.Redact masks. It returns text itself,
// without an allocation, where there is nothing of that.
func withoutSecrets(key attribute.Key, text string) string {
	switch key {
	case "url.full", "http.url", "http.target":
		text = zaplog.Redact(text)
		if i := strings.IndexAny(text, "?#"); i >= 0 {
			return text[:i]
		}
	case "url.query":
		return ""
	case "exception.message":
		return zaplog.Redact(text)
	}
	return text
}

func secretFree(kvs []attribute.KeyValue) bool {
	for _, kv := range kvs {
		if kv.Value.Type() == attribute.STRING {
			if text := kv.Value.AsString(); withoutSecrets(kv.Key, text) != text {
				return false
			}
		}
	}
	return true
}

// removeSecrets changes kvs itself.
func removeSecrets(kvs []attribute.KeyValue) {
	for i, kv := range kvs {
		if kv.Value.Type() == attribute.STRING {
			kvs[i].Value = attribute.StringValue(withoutSecrets(kv.Key, kv.Value.AsString()))
		}
	}
}
