package telemetry_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"google.golang.org/protobuf/proto"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/exporters/otlp"
	"github.com/tutorflow/observability/internal/jsonline"
	"github.com/tutorflow/observability/internal/otlpcollector"
	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/nethttp"
)

// fuzzed is a service whose handlers put what they are sent into everything.
type fuzzed struct {
	*telemetry.Telemetry
	handler   http.Handler
	collector *otlpcollector.Collector
	mu        sync.Mutex
	log       bytes.Buffer
}

func (z *fuzzed) Write(p []byte) (int, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.log.Write(p)
}

func newFuzzed(f *testing.F) *fuzzed {
	z := &fuzzed{collector: otlpcollector.Start(f, otlpcollector.Options{Protocol: exporters.ProtocolHTTP})}
	c := config()
	c.Traces.Exporters, c.OTLP.URL, c.OTLP.Protocol = []string{"otlp"}, z.collector.Base(), exporters.ProtocolHTTP
	var err error
	z.Telemetry, err = telemetry.New(f.Context(), c, telemetry.WithLogWriter(z), telemetry.WithExporters(otlp.New()))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := z.Shutdown(context.Background()); err != nil {
			f.Error(err)
		}
	})
	mux := z.NewServeMux()
	mux.HandleFunc("/users/{id}", func(_ http.ResponseWriter, r *http.Request) {
		ctx := telemetry.WithUser(r.Context(), r.PathValue("id"))
		telemetry.Log(ctx).Info(r.UserAgent(), zap.String("id", r.PathValue("id")), zap.Any("header", r.Header), zap.String(r.Method, r.Host))
		z.RecordError(ctx, errors.New(r.UserAgent()))
		z.Event(ctx, r.UserAgent(), zap.String("path", r.URL.Path))
		span := trace.SpanFromContext(ctx)
		span.RecordError(errors.New(r.Header.Get("X-Forwarded-For")))
		span.AddEvent(r.URL.Path)
		span.SetStatus(codes.Error, r.UserAgent())
		_, inner := z.TracerProvider().Tracer("test").Start(ctx, r.URL.Path)
		inner.End()
	})
	mux.HandleFunc("GET /panic/{why}", func(_ http.ResponseWriter, r *http.Request) { panic(r.PathValue("why")) })
	z.handler = z.Handler(mux)
	return z
}

// flush brings everything to where it goes.
func (z *fuzzed) flush(t *testing.T) (log string) {
	t.Helper()
	flusher := z.TracerProvider().(interface{ ForceFlush(context.Context) error })
	if err := errors.Join(flusher.ForceFlush(t.Context()), z.Flush(t.Context())); err != nil {
		t.Fatal(err)
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	log = z.log.String()
	z.log.Reset()
	return log
}

func FuzzRequest(f *testing.F) {
	seed := func(path, agent, host, method, id, forwarded, parent string) {
		f.Add([]byte(path), []byte(agent), []byte(host), []byte(method), []byte(id), []byte(forwarded), []byte(parent))
	}
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	seed("/users/1", "curl/8", "example.com:80", "GET", "a-1", "203.0.113.7", parent)
	seed("/users/%ff%fe", "bad\xff\xfe", "\xff", "get", "\xff", "\xff,1", parent+"\xff")
	seed("/panic/%ff", "", "[::1", "GET", "a\tb", "<script>", "00-00-00-00")
	seed("http://h:1/users/%00%0a\u2028", `"},{"level":"`, ":99999", "BREW", strings.Repeat("x", 65), "fe80::1%\xff", "ff-"+parent[3:])
	seed("/users/"+strings.Repeat("한", 700), strings.Repeat("\x80", 3000), strings.Repeat("h", 300), strings.Repeat("M", 300), "", "", parent[:53]+"00")
	seed("h:1", "token=s3cret", "", "CONNECT", "", "", "")
	seed("/health/ready", "probe", "a", "HEAD", "", "", "")

	z := newFuzzed(f)
	limits := telemetry.DefaultConfig().Traces.Limits
	f.Fuzz(func(t *testing.T, path, agent, host, method, id, forwarded, parent []byte) {
		raw := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\nX-Request-ID: %s\r\nX-Forwarded-For: %s\r\nTraceparent: %s\r\n\r\n",
			method, path, host, agent, id, forwarded, parent)
		request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
		if err != nil {
			t.Skip()
		}
		request.RemoteAddr = "192.0.2.1:1234"
		z.flush(t)
		z.collector.Forget()
		response := httptest.NewRecorder()
		z.handler.ServeHTTP(response, request)
		if answered := response.Header().Get("X-Request-Id"); answered == "" || len(answered) > 64 ||
			strings.Trim(answered, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") != "" {
			t.Errorf("the request is answered with the id %q", answered)
		}
		log := z.flush(t)
		if n := strings.Count(log, `"logger":"tutorflow.telemetry"`); n > 0 {
			t.Errorf("telemetry has failed: %s", log)
		}
		for line := range strings.Lines(log) {
			text, whole := strings.CutSuffix(line, "\n")
			if _, err := jsonline.Decode(text); err != nil || !whole {
				t.Errorf("the line %q: %v", line, err)
			}
		}
		// The collector takes only what is protobuf, whose texts are UTF-8.
		if delivered := len(z.collector.Spans()) > 0; delivered == nethttp.Quiet(request.URL.Path) {
			t.Errorf("%q: spans are delivered: %t", request.URL.Path, delivered)
		}
		for _, span := range z.collector.Spans() {
			if size := proto.Size(span); size > 20*limits.AttributeBytes {
				t.Errorf("a span has %d bytes: %.1000v", size, span)
			}
			for _, a := range span.GetAttributes() {
				if n := len(a.GetValue().GetStringValue()); n > limits.AttributeBytes {
					t.Errorf("%s has %d bytes", a.GetKey(), n)
				}
			}
		}
		z.wantLegal(t)
	})
}

// wantLegal checks that a scrape can be read and has only series that are the
// program's.
func (z *fuzzed) wantLegal(t *testing.T) {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(scrape(t, z.MetricsHandler(), "text/plain")))
	if err != nil {
		t.Fatal(err)
	}
	legal := map[string][]string{
		"method": catalog.Methods(), "http_request_method": catalog.Methods(),
		"endpoint":   {"/metrics", "/users/{id}", "/panic/{why}", "unmatched"},
		"http_route": {"/metrics", "/users/{id}", "/panic/{why}"},
		"status":     {"200", "307", "400", "404", "405", "500"}, "http_response_status_code": {"200", "307", "400", "404", "405", "500"},
		"error_type":            {"canceled", "database", "other", "panic", "server_error", "timeout"},
		"network_protocol_name": {"http"}, "network_protocol_version": {"1.1"}, "server_address": {"test"}, "url_scheme": {"http"},
	}
	for name, family := range families {
		if !strings.HasPrefix(name, "tutorflow_http_") && !strings.HasPrefix(name, "http_") && name != catalog.Errors {
			continue
		}
		for _, metric := range family.GetMetric() {
			if i := slices.IndexFunc(metric.GetLabel(), func(l *dto.LabelPair) bool { return !slices.Contains(legal[l.GetName()], l.GetValue()) }); i >= 0 {
				t.Errorf("%s has the label %v", name, metric.GetLabel()[i])
			}
		}
	}
}
