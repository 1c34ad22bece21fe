package export_test

import (
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/tutorflow/observability/telemetry/internal/export"
)

func TestSecretsThatLibrariesPutIntoSpansAreRemoved(t *testing.T) {
	for name, test := range map[string]struct{ key, value, want string }{
		"the query of a URL":           {"url.full", "https://shop.example/pay?client_secret=c4n4ry", "https://shop.example/pay"},
		"the user of a URL":            {"url.full", "https://kim:c4n4ry@shop.example/pay#c4n4ry", "https://[REDACTED]@shop.example/pay"},
		"the query of a URL, formerly": {"http.url", "https://shop.example/pay?c4n4ry", "https://shop.example/pay"},
		"the query of a target":        {"http.target", "/pay?code=c4n4ry", "/pay"},
		"a query":                      {"url.query", "code=c4n4ry", ""},
		"the message of an error":      {"exception.message", `Get "https://shop.example/?a=c4n4ry": refused`, `Get "https://shop.example/": refused`},
		"nothing in another text":      {"note", "what?code=1", "what?code=1"},
	} {
		t.Run(name, func(t *testing.T) {
			kvs := []attribute.KeyValue{attribute.Int("n", 1), attribute.String(test.key, test.value)}
			for _, change := range []func(*tracetest.SpanStub){
				func(s *tracetest.SpanStub) { s.Attributes = kvs },
				func(s *tracetest.SpanStub) { s.Events = []sdktrace.Event{{Name: "exception", Attributes: kvs}} },
			} {
				got, _ := export.SpanRepair(256)(stub(change).Snapshot())
				found := false
				for _, text := range spanTexts(got) {
					found = found || text == test.want
				}
				if all := strings.Join(spanTexts(got), "\n"); !found || strings.Contains(all, "c4n4ry") {
					t.Errorf("exported is %s, want %q", all, test.want)
				}
			}
			if kvs[1].Value.AsString() != test.value {
				t.Error("the program's own attributes are changed")
			}
		})
	}
}

func TestSecretsInTheStatusOfASpanAreRemoved(t *testing.T) {
	got, _ := export.SpanRepair(256)(stub(func(s *tracetest.SpanStub) { s.Status.Description = "password=c4n4ry is wrong" }).Snapshot())
	if text := got.Status().Description; text != "password=[REDACTED] is wrong" {
		t.Errorf("the status is %q", text)
	}
}
