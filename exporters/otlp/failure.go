package otlp

import "strings"

// failure is the error of an export. It names the endpoint, which errors of gRPC
// do not, and only once, since those of HTTP do so themselves.
type failure struct {
	text string
	err  error
}

func (f *failure) Error() string { return f.text }

func (f *failure) Unwrap() error { return f.err }

// failure says where the export that failed with err should have gone.
func (s *session) failure(err error) error {
	text := strings.NewReplacer(
		`Post "`+s.request+`": `, "",
		"failed to send to "+s.request+": ", "",
		"failed to send metrics to "+s.request+": ", "",
		"failed to send logs to "+s.request+": ", "",
	).Replace(err.Error())
	text = strings.TrimPrefix(text, "traces export: ")
	text = strings.TrimPrefix(text, "failed to upload metrics: ")
	text = "export to " + showEndpoint(s.settings.Endpoint) + ": " + text
	if s.tls != nil && (strings.Contains(text, "first record does not look like a TLS handshake") || strings.Contains(text, "HTTP response to HTTPS client")) {
		text += " (the collector may speak clear text, as in http://" + s.address + ")"
	}
	return &failure{text, err}
}
