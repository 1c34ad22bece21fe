package export_test

import (
	"fmt"
	"slices"
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
		"a header":                     {"http.request.header.authorization", "Bearer c4n4ry", "[REDACTED]"},
		"what is like an error's":      {"db.connection", "open postgres://kim:c4n4ry@db/app", "open postgres://[REDACTED]@db/app"},
		"nothing in another text":      {"note", "what?page=1", "what?page=1"},
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

func TestSecretsInEveryTextOfASpanAreRemoved(t *testing.T) {
	const secret, want = "password=c4n4ry is wrong", "password=[REDACTED] is wrong"
	inner := attribute.KeyValue{Key: "map", Value: attribute.MapValue(attribute.String("note", secret))}
	for name, change := range map[string]func(*tracetest.SpanStub){
		"its name":             func(s *tracetest.SpanStub) { s.Name = secret },
		"its status":           func(s *tracetest.SpanStub) { s.Status.Description = secret },
		"the name of an event": func(s *tracetest.SpanStub) { s.Events[0].Name = secret },
		"a link": func(s *tracetest.SpanStub) {
			s.Links[0].Attributes = []attribute.KeyValue{attribute.String("note", secret)}
		},
		"a list": func(s *tracetest.SpanStub) {
			s.Attributes = []attribute.KeyValue{attribute.StringSlice("notes", []string{"a", secret})}
		},
		"a map": func(s *tracetest.SpanStub) { s.Attributes = []attribute.KeyValue{inner} },
		"a list of values": func(s *tracetest.SpanStub) {
			s.Attributes = []attribute.KeyValue{{Key: "values", Value: attribute.SliceValue(attribute.IntValue(1), inner.Value)}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			original := stub(change).Snapshot()
			got, _ := export.SpanRepair(256)(original)
			if texts := spanTexts(got); !slices.Contains(texts, want) || slices.Contains(texts, secret) {
				t.Errorf("exported is %q", texts)
			}
			if !slices.Contains(spanTexts(original), secret) {
				t.Error("the program's own texts are changed")
			}
		})
	}
}

func TestSecretsUnderTheirKeysAreRemoved(t *testing.T) {
	original := stub(func(s *tracetest.SpanStub) {
		s.Attributes = []attribute.KeyValue{
			attribute.String("db.password", "c4n4ry"), attribute.StringSlice("http.request.header.cookie", []string{"c4n4ry"}),
			{Key: "credentials", Value: attribute.MapValue(attribute.String("user", "c4n4ry"))},
			{Key: "body", Value: attribute.ByteSliceValue([]byte("token=c4n4ry"))},
			{Key: "card", Value: attribute.MapValue(attribute.String("cvc", "c4n4ry"))},
			{Key: "tokens", Value: attribute.SliceValue(attribute.StringValue("c4n4ry"))},
			attribute.Int("gen_ai.usage.input_tokens", 512), attribute.Bool("token", true),
		}
	}).Snapshot()
	got, _ := export.SpanRepair(256)(original)
	if all := fmt.Sprint(got.Attributes()); strings.Contains(all, "c4n4ry") || !strings.Contains(all, "512") || !strings.Contains(all, "true") {
		t.Errorf("exported is %s", all)
	}
}
