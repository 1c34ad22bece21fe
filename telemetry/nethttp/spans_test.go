package nethttp_test

import (
	"fmt"
	"strconv"
	"strings"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// spanFields are all that an exporter gets of a span, but for ids, times and the
// port of the client.
func spanFields(span sdktrace.ReadOnlySpan) map[string]string {
	fields := map[string]string{
		"name":   span.Name(),
		"kind":   span.SpanKind().String(),
		"status": strings.TrimSpace(span.Status().Code.String() + " " + span.Status().Description),
	}
	for _, a := range span.Attributes() {
		if a.Key != "network.peer.port" {
			fields[string(a.Key)] += a.Value.String()
		}
	}
	for _, e := range span.Events() {
		fields["event "+e.Name] += fmt.Sprint(e.Attributes)
	}
	return fields
}

// answeredSpan has the fields of the span of a request that exchange sends, when
// neither it nor its answer has a body.
func answeredSpan(p protocol, method, route string, status int) map[string]string {
	fields := map[string]string{
		"name": method + " " + route, "kind": "server", "status": "Unset",
		"client.address": "127.0.0.1", "http.request.method": method, "http.response.status_code": strconv.Itoa(status),
		"http.route": route, "network.peer.address": "127.0.0.1", "network.protocol.version": "1.1",
		"server.address": "tutorflow-api", "url.path": "/x", "url.scheme": "http",
	}
	if p == http2 {
		fields["network.protocol.version"], fields["url.scheme"] = "2.0", "https"
		fields["user_agent.original"] = "Go-http-client/2.0"
	}
	if method == catalog.OtherMethod {
		fields["name"] = "HTTP " + route
	}
	if status >= 500 {
		fields["status"], fields["error.type"] = "Error", strconv.Itoa(status)
	}
	return fields
}

// standardSeries names a series of http.server.request.duration.
func standardSeries(p protocol, method, route string, status int) string {
	version, scheme := "1.1", "http"
	if p == http2 {
		version, scheme = "2.0", "https"
	}
	if route != "" {
		route += " "
	}
	return fmt.Sprintf("%s %s %d %shttp %s tutorflow-api %s", standardDuration, method, status, route, version, scheme)
}
