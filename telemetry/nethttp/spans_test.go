package nethttp_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/nethttp"
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

func TestSpanOfARequestThatFailedKeepsTheTypeOfItsError(t *testing.T) {
	for name, test := range map[string]struct {
		fail bool
		code int
		want string
	}{
		"an error with a status of 500 and above": {true, http.StatusGatewayTimeout, "Error timeout"},
		"such a status alone":                     {false, http.StatusGatewayTimeout, "Error"},
		"an error that the client does not see":   {true, http.StatusOK, "Unset"}, // RecordError sets it.
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, true)
			r.get(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				if test.fail {
					nethttp.Fail(q.Context(), catalog.ErrorTimeout)
				}
				w.WriteHeader(test.code)
			}), http.MethodGet, "/x")
			if got := spanFields(r.spans.Ended()[0])["status"]; got != test.want {
				t.Errorf("the status of the span is %q, want %q", got, test.want)
			}
		})
	}
}
