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
