package strangers_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"go.opentelemetry.io/otel"

	"github.com/tutorflow/observability/exporters"
)

// TestExemplarsHoldNothingOfARequest sends Hosts of 200 bytes. An exemplar has
// room for 128, and one that does not fit is an error at each scrape.
func TestExemplarsHoldNothingOfARequest(t *testing.T) {
	var handled atomic.Int64
	before := otel.GetErrorHandler()
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) { handled.Add(1) }))
	defer otel.SetErrorHandler(before)

	s := start(t, exporters.ProtocolGRPC, &http.Server{}, nil, echo())
	conn := &connection{t: t, address: s.address}
	defer conn.close()
	const marker = "c4n4ry"
	for n := range 50 {
		conn.send("GET", fmt.Sprintf("GET /users/%s?tenant=%s HTTP/1.1\r\nHost: %s.%s:%d\r\nUser-Agent: %s\r\nX-Request-ID: %s\r\nX-Forwarded-For: %s\r\n\r\n",
			marker, marker, marker, strings.Repeat("h", 200), 1000+n, marker, marker, marker))
	}
	s.settle()

	labels := regexp.MustCompile(`# \{([^}]*)\}`)
	exact := regexp.MustCompile(`^(trace_id="[0-9a-f]{32}",span_id="[0-9a-f]{16}"|span_id="[0-9a-f]{16}",trace_id="[0-9a-f]{32}")$`)
	for range 100 {
		found := 0
		for line := range strings.Lines(s.scrape("application/openmetrics-text;version=1.0.0")) {
			if match := labels.FindStringSubmatch(line); match != nil {
				if found++; !exact.MatchString(match[1]) {
					t.Errorf("an exemplar has the labels %s", match[1])
				}
			}
			if strings.Contains(line, marker) {
				t.Errorf("a request is on the scrape: %s", line)
			}
		}
		if found == 0 {
			t.Fatal("the scrape has no exemplars")
		}
		if text := s.scrape("text/plain"); strings.Contains(text, marker) || labels.MatchString(text) {
			t.Error("a request or an exemplar is on the text")
		}
	}
	if n := handled.Load(); n != 0 {
		t.Errorf("%d errors are handled", n)
	}
	if text := s.lines.String(); strings.Contains(text, `"level":"WARN"`) {
		t.Errorf("telemetry has failed: %s", text)
	}
	s.healthy()
}
