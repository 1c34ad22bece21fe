package strangers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"google.golang.org/protobuf/proto"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/internal/otlpcollector"
	"github.com/tutorflow/observability/telemetry"
)

// lax is a server that takes headers of nearly a megabyte, as http.Server does
// unless it is told otherwise.
func lax() *http.Server { return &http.Server{MaxHeaderBytes: 1 << 20} }

// large is a text that is a little shorter than what lax takes.
var large = strings.Repeat("x", 900<<10)

// echo is a service that puts what it is sent into all of its telemetry.
func echo() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{"/users/{id}": func(_ http.ResponseWriter, r *http.Request) {
		span, parameter := trace.SpanFromContext(r.Context()), r.URL.Query().Get("q")
		span.SetAttributes(attribute.String("q", parameter), attribute.StringSlice("ids", []string{r.PathValue("id")}))
		span.AddEvent(r.URL.Path, trace.WithAttributes(attribute.String("agent", r.UserAgent())))
		span.RecordError(fmt.Errorf("no user %s", r.PathValue("id")))
		span.SetStatus(codes.Error, parameter)
		telemetry.Log(r.Context()).Info(r.UserAgent(), zap.String("id", r.PathValue("id")), zap.String("q", parameter))
	}}
}

// logging has log lines go the way of the spans.
func logging(c *telemetry.Config) {
	c.Logs.Exporters, c.Logs.Batch.Delay = []string{"otlp"}, c.Traces.Batch.Delay
}

// TestWhatWaitsHoldsNoRequest has a collector that answers nothing, so that spans
// and lines wait, each of a request of 900 kB.
func TestWhatWaitsHoldsNoRequest(t *testing.T) {
	const requests = 10
	for name, request := range map[string]string{
		"a long User-Agent":                 "GET /users/1 HTTP/1.1\r\nHost: a\r\nUser-Agent: " + large,
		"a long query":                      "GET /users/1?" + large + " HTTP/1.1\r\nHost: a",
		"a short parameter in a long query": "GET /users/1?q=short&r=" + large + " HTTP/1.1\r\nHost: a",
		"a long path":                       "GET /users/" + large + " HTTP/1.1\r\nHost: a",
		"a long path that nobody serves":    "GET /" + large + " HTTP/1.1\r\nHost: a",
		"an odd method before a long path":  "get /users/" + large + " HTTP/1.1\r\nHost: a",
		"a long method":                     large + " /users/1 HTTP/1.1\r\nHost: a",
		"a long X-Forwarded-For":            "GET /users/1 HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: " + large,
		"a trace state with much room": "GET /users/1 HTTP/1.1\r\nHost: a\r\nTraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n" +
			"Tracestate: a=1," + strings.Repeat(" ", len(large)) + "b=2",
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, exporters.ProtocolHTTP, lax(), logging, echo())
			conn := &connection{t: t, address: s.address}
			defer conn.close()
			conn.send("GET", request+"\r\n\r\n")
			s.settle()
			s.collector.Set(otlpcollector.Behaviour{Hang: true})
			before := s.measure()
			for range requests {
				conn.send("GET", request+"\r\n\r\n")
			}
			s.eventually("each request logged", s.logged)
			if grown := s.measure().heap - before.heap; grown > 5<<20 {
				t.Errorf("the heap grew by %d bytes", grown)
			}
			s.collector.Set(otlpcollector.Behaviour{})
			s.settle()
			if n := s.dropped(); n > 0 {
				t.Errorf("%d spans are dropped", n)
			}
		})
	}
}

func TestSpansOfLargeRequestsTakeNothingFromOthers(t *testing.T) {
	const requests, largest = 512, 6
	for _, protocol := range []string{exporters.ProtocolGRPC, exporters.ProtocolHTTP} {
		t.Run(protocol, func(t *testing.T) {
			s := start(t, protocol, lax(), func(c *telemetry.Config) {
				c.Traces.Batch.Delay, c.Traces.Batch.Size = patience/2, requests // one batch
			}, echo())
			conn := &connection{t: t, address: s.address}
			defer conn.close()
			for i := range requests {
				agent := "curl"
				if i%100 == 1 {
					agent = large
				}
				conn.send("GET", "GET /users/1 HTTP/1.1\r\nHost: a\r\nUser-Agent: "+agent+"\r\n\r\n")
			}
			begin := time.Now()
			s.settle()
			if took := time.Since(begin); took > patience/3 {
				t.Errorf("a full batch waited %v", took)
			}
			s.healthy()
			cut := 0
			for _, span := range s.collector.Spans() {
				for _, a := range span.GetAttributes() {
					if text := a.GetValue().GetStringValue(); a.GetKey() == "user_agent.original" && text != "curl" {
						if cut++; len(text) != 256 {
							t.Errorf("%s has %d bytes", a.GetKey(), len(text))
						}
					}
				}
			}
			if got := s.collector.Items(exporters.Traces); got != requests || cut != largest {
				t.Errorf("%d spans are delivered, %d cut; want %d and %d", got, cut, requests, largest)
			}
			for _, export := range s.collector.Exports(exporters.Traces) {
				if size := proto.Size(export.Request); size > 4<<20 {
					t.Errorf("an export has %d bytes", size)
				}
			}
		})
	}
}
