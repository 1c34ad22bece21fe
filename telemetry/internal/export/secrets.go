package export

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/tutorflow/observability/telemetry/zaplog"
)

// redacted stands in the place of a secret, as in log lines.
const redacted = "[REDACTED]"

// withoutSecrets returns text, the value of the attribute called key, without the
// secrets in it: what zaplog.Redact masks, and of the URLs that instrumentation
// libraries put there unasked the user, the query and the fragment. A secret is
// what it is in a log line, numbers aside: instrumentations count tokens of
// another kind.
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
