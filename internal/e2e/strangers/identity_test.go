package strangers_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/telemetry"
)

// wishes are trace contexts of strangers who want their traces kept, or dropped.
// TraceIDRatioBased keeps the traces with low ids.
func wishes() map[string]func(n int) string {
	return map[string]func(int) string{
		"sampled":                 func(n int) string { return fmt.Sprintf("00-%032x-%016x-01", math.MaxInt64-n, n) },
		"not-sampled":             func(n int) string { return fmt.Sprintf("00-%032x-%016x-00", math.MaxInt64-n, n) },
		"sampled-with-a-low-id":   func(n int) string { return fmt.Sprintf("00-%032x-%016x-01", n, n) },
		"unsampled-with-a-low-id": func(n int) string { return fmt.Sprintf("00-%032x-%016x-00", n, n) },
		"random-with-a-low-id":    func(n int) string { return fmt.Sprintf("00-%032x-%016x-03", n, n) },
		"a-later-version":         func(n int) string { return fmt.Sprintf("cc-%032x-%016x-01-more", n, n) },
	}
}

func TestStrangersDoNotChooseWhatIsSampled(t *testing.T) {
	const requests, ratio = 1000, 0.1
	for sampler, share := range map[string]float64{
		"parentbased_traceidratio": ratio, "traceidratio": ratio,
		"always_on": 1, "always_off": 0, "parentbased_always_on": 1, "parentbased_always_off": 0,
	} {
		t.Run(sampler, func(t *testing.T) {
			s := start(t, exporters.ProtocolGRPC, &http.Server{}, func(c *telemetry.Config) {
				c.Traces.Sampler, c.Traces.Ratio = sampler, ratio
				c.Traces.Batch.Queue = 10 * requests
			}, echo())
			conn := &connection{t: t, address: s.address}
			defer conn.close()
			for wish, parent := range wishes() {
				for n := 1; n <= requests; n++ {
					conn.send("GET", "GET /users/"+wish+" HTTP/1.1\r\nHost: a\r\nTraceparent: "+parent(n)+"\r\n\r\n")
				}
			}
			s.flush()
			sampled := make(map[string]int)
			for _, span := range s.collector.Spans() {
				if len(span.GetParentSpanId()) > 0 {
					t.Error("a stranger is the parent of a span")
				}
				sampled[strings.TrimPrefix(attributes(span)["url.path"], "/users/")]++
			}
			// The ids are random. In a million runs one is outside.
			deviations := 5 * math.Sqrt(requests*share*(1-share))
			for wish := range wishes() {
				if n := float64(sampled[wish]); math.Abs(n-requests*share) > deviations {
					t.Errorf("%s: %v of %d are sampled, want %v ± %.0f", wish, n, requests, requests*share, deviations)
				}
			}
		})
	}
}

// flush waits until each request is logged and what is sampled of it delivered.
func (s *service) flush() {
	s.t.Helper()
	s.eventually("each request logged", s.logged)
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	if err := s.TracerProvider().(interface{ ForceFlush(context.Context) error }).ForceFlush(ctx); err != nil {
		s.t.Fatal(err)
	}
	if n := s.dropped(); n > 0 {
		s.t.Errorf("%d spans are dropped", n)
	}
}

func attributes(span *tracepb.Span) map[string]string {
	found := make(map[string]string)
	for _, a := range span.GetAttributes() {
		found[a.GetKey()] = a.GetValue().GetStringValue()
	}
	return found
}

func TestWhatStrangersSendGoesNoFurther(t *testing.T) {
	const (
		id     = "0af7651916cd43dd8448eb211c80319c"
		parent = "b7ad6b7169203331"
		canary = "c4n4ry"
	)
	for name, test := range map[string]struct {
		trusted []string
		traces  string
	}{
		"of a stranger":                {nil, "otlp"},
		"of a trusted peer":            {[]string{"127.0.0.0/8"}, "otlp"},
		"where no spans are exported":  {[]string{"127.0.0.0/8"}, "none"},
		"of a peer beside the trusted": {[]string{"10.0.0.0/8"}, "otlp"},
	} {
		t.Run(name, func(t *testing.T) {
			received := make(chan http.Header, 1)
			partner := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { received <- r.Header }))
			defer partner.Close()
			base := &http.Transport{}
			defer base.CloseIdleConnections()
			var s *service
			s = start(t, exporters.ProtocolGRPC, &http.Server{}, func(c *telemetry.Config) {
				c.Traces.Exporters, c.Traces.TrustedPeers = []string{test.traces}, test.trusted
			}, map[string]http.HandlerFunc{"/book": func(_ http.ResponseWriter, r *http.Request) {
				telemetry.Log(r.Context()).Info("booking")
				request, _ := http.NewRequestWithContext(r.Context(), http.MethodPost, partner.URL, nil)
				response, err := (&http.Client{Transport: s.Transport("toss_payments", base)}).Do(request)
				if err != nil {
					t.Error(err)
					return
				}
				_ = response.Body.Close()
			}})
			conn := &connection{t: t, address: s.address}
			defer conn.close()
			conn.send("GET", "GET /book HTTP/1.1\r\nHost: a\r\nTraceparent: 00-"+id+"-"+parent+"-01\r\nTracestate: vendor="+canary+"\r\nBaggage: user="+canary+"\r\nX-Forwarded-For: "+canary+"\r\nConnection: close\r\n\r\n")
			header := <-received
			s.eventually("the request logged", func() bool { return s.lines.access.Load() == 1 })
			parented := name == "of a trusted peer"
			if test.traces == "none" {
				if sent := header.Get("Traceparent") + header.Get("Tracestate") + header.Get("Baggage"); sent != "" {
					t.Errorf("a service without spans passes on %q", sent)
				}
			} else {
				s.settleSpans(2)
				wantOwn(t, s.collector.Spans(), header, id, parented)
			}
			if state := header.Get("Tracestate"); header.Get("Baggage") != "" || (state != "") != parented {
				t.Errorf("the call carries the trace state %q and the baggage %q", state, header.Get("Baggage"))
			}
			text := s.lines.String()
			if strings.Contains(text, canary) || strings.Contains(text, id) != parented {
				t.Errorf("what was sent is in the log: %s", text)
			}
			if strings.Contains(s.scrape("application/openmetrics-text"), canary) {
				t.Error("what was sent is on the scrape")
			}
		})
	}
}

func (s *service) settleSpans(n int) {
	s.t.Helper()
	s.eventually(fmt.Sprintf("%d spans delivered", n), func() bool { return s.collector.Items(exporters.Traces) == n })
}

// wantOwn checks that the call is in the trace of the request, which is the
// peer's only where that one is trusted. A stranger's is linked.
func wantOwn(t *testing.T, spans []*tracepb.Span, sent http.Header, foreign string, trusted bool) {
	t.Helper()
	for _, span := range spans {
		kind, trace := span.GetKind(), hex.EncodeToString(span.GetTraceId())
		if (trace == foreign) != trusted {
			t.Errorf("%v: the trace is %s", kind, trace)
		}
		if kind == tracepb.Span_SPAN_KIND_CLIENT {
			if want := "00-" + trace + "-" + hex.EncodeToString(span.GetSpanId()) + "-01"; sent.Get("Traceparent") != want {
				t.Errorf("the call carries %q, want %q", sent.Get("Traceparent"), want)
			}
		} else if linked := len(span.GetLinks()) == 1; linked == trusted {
			t.Errorf("the peer is linked: %t", linked)
		}
		if (span.GetTraceState() != "") != trusted {
			t.Errorf("%v: the trace state is %q", kind, span.GetTraceState())
		}
		// What is left of a stranger is what it calls its own span.
		span = proto.CloneOf(span)
		for _, link := range span.GetLinks() {
			link.TraceState = ""
		}
		if text := span.String(); strings.Contains(text, "c4n4ry") != trusted || strings.Contains(text, "user=") {
			t.Errorf("what was sent is in the span: %s", text)
		}
	}
}
