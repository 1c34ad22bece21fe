package nethttp_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/goleak"

	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/nethttp"
	"github.com/tutorflow/observability/telemetry/zaplog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const standardDuration = "http.server.request.duration"

// record is one call of the access callback.
type record struct {
	nethttp.Access
	requestID, user string
}

// rig is a middleware with everything that it records, in memory.
type rig struct {
	tb         testing.TB
	middleware *nethttp.Middleware
	http       *catalog.HTTP
	services   *catalog.ExternalServices
	standard   *nethttp.Standard
	reader     *sdkmetric.ManualReader
	spans      *tracetest.SpanRecorder
	records    chan record

	mu     sync.Mutex
	panics []any
}

// newRig makes a rig, with otelhttp around the recorder if standard is set.
func newRig(tb testing.TB, standard bool, changes ...func(*nethttp.Config)) *rig {
	tb.Helper()
	r := &rig{
		tb:      tb,
		reader:  sdkmetric.NewManualReader(),
		spans:   tracetest.NewSpanRecorder(),
		records: make(chan record, 10_000),
	}
	metrics := sdkmetric.NewMeterProvider(sdkmetric.WithReader(r.reader), sdkmetric.WithCardinalityLimit(catalog.MaxSeries+1))
	meter, err := catalog.NewMeter(metrics.Meter("test"))
	must(tb, err)
	r.http, err = meter.HTTP()
	must(tb, err)
	r.services, err = meter.ExternalServices(catalog.TutorFlowServices()...)
	must(tb, err)
	r.standard = &nethttp.Standard{
		TracerProvider: sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(r.spans)),
		MeterProvider:  metrics,
		Propagator:     propagation.TraceContext{},
		ServerName:     "tutorflow-api",
	}
	config := nethttp.Config{
		HTTP: r.http,
		Access: func(ctx context.Context, a nethttp.Access) {
			r.records <- record{a, zaplog.RequestID(ctx), zaplog.User(ctx)}
		},
		Panicked: func(_ context.Context, value any, stack []byte) {
			r.mu.Lock()
			defer r.mu.Unlock()
			if len(stack) == 0 {
				tb.Error("a panic was reported without a stack")
			}
			r.panics = append(r.panics, value)
		},
	}
	if standard {
		config.Standard = r.standard
	}
	for _, change := range changes {
		change(&config)
	}
	r.middleware, err = nethttp.New(config)
	must(tb, err)
	return r
}

// record waits for the next request to be recorded.
func (r *rig) record() record {
	r.tb.Helper()
	select {
	case a := <-r.records:
		return a
	case <-time.After(10 * time.Second):
		r.tb.Fatal("the request was not recorded")
		return record{}
	}
}

// get serves one request in memory and returns its record. A panic that leaves
// the middleware is dropped.
func (r *rig) get(h http.Handler, method, target string) record {
	r.tb.Helper()
	func() {
		defer func() { _ = recover() }()
		r.middleware.Wrap(h).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, target, nil))
	}()
	return r.record()
}

// series collects every series that is not 0, histograms by their count, as
// "metric value value": the values in the order of the label names.
func (r *rig) series() map[string]int64 {
	all := r.all()
	maps.DeleteFunc(all, func(_ string, n int64) bool { return n == 0 })
	return all
}

// all collects every series, none of which may have a label of more than 128
// bytes.
func (r *rig) all() map[string]int64 {
	r.tb.Helper()
	var data metricdata.ResourceMetrics
	must(r.tb, r.reader.Collect(context.Background(), &data))
	all := make(map[string]int64)
	for _, scope := range data.ScopeMetrics {
		for _, m := range scope.Metrics {
			switch points := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range points.DataPoints {
					all[r.name(m.Name, p.Attributes)] = p.Value
				}
			case metricdata.Histogram[float64]:
				for _, p := range points.DataPoints {
					all[r.name(m.Name, p.Attributes)] = int64(p.Count)
				}
			}
		}
	}
	return all
}

func (r *rig) name(metric string, attributes attribute.Set) string {
	parts := []string{metric}
	for _, kv := range attributes.ToSlice() {
		if len(kv.Value.String()) > catalog.MaxLabelBytes {
			r.tb.Errorf("%s: a label of %d bytes", metric, len(kv.Value.String()))
		}
		parts = append(parts, kv.Value.String())
	}
	return strings.Join(parts, " ")
}

// contract keeps the contract's request metrics of what series returned.
func contract(all map[string]int64) map[string]int64 {
	kept := make(map[string]int64)
	for name, n := range all {
		for _, metric := range []string{catalog.HTTPRequests, catalog.HTTPRequestDuration, catalog.HTTPRequestsActive, catalog.Errors} {
			if strings.HasPrefix(name+" ", metric+" ") {
				kept[name] = n
			}
		}
	}
	return kept
}

// protocol is an HTTP version to serve with.
type protocol string

const (
	http1 protocol = "HTTP/1.1"
	http2 protocol = "HTTP/2.0"
)

// serve starts a server of h.
func serve(tb testing.TB, p protocol, h http.Handler) *httptest.Server {
	tb.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	if p == http2 {
		server.EnableHTTP2 = true
		server.StartTLS()
	} else {
		server.Start()
	}
	tb.Cleanup(server.Close)
	return server
}

// exchange sends one request and returns all that a client can see of the
// answer but Date and X-Request-Id. Over HTTP/1.1 this is the very bytes, and a
// second request shows whether the connection lives on.
func exchange(tb testing.TB, p protocol, server *httptest.Server, method, body string) string {
	tb.Helper()
	if p == http2 {
		return exchange2(tb, server, method, body)
	}
	raw := fmt.Sprintf("%s /x HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n%s", method, len(body), body)
	return withoutVolatile(rawExchange(tb, server, raw+"GET /second HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"))
}

// rawExchange writes raw on a new connection and reads up to its end.
func rawExchange(tb testing.TB, server *httptest.Server, raw string) []byte {
	tb.Helper()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	must(tb, err)
	defer conn.Close()
	must(tb, conn.SetDeadline(time.Now().Add(10*time.Second)))
	_, err = io.WriteString(conn, raw)
	must(tb, err)
	answer, err := io.ReadAll(conn)
	if err, ok := err.(net.Error); ok && err.Timeout() {
		tb.Fatalf("no end of the answer %q", answer)
	}
	return answer
}

func withoutVolatile(answer []byte) string {
	var kept strings.Builder
	reader := bufio.NewReader(bytes.NewReader(answer))
	for {
		line, err := reader.ReadString('\n')
		if !strings.HasPrefix(line, "Date: ") && !strings.HasPrefix(line, "X-Request-Id: ") {
			kept.WriteString(line)
		}
		if err != nil {
			return kept.String()
		}
	}
}

func exchange2(tb testing.TB, server *httptest.Server, method, body string) string {
	tb.Helper()
	var seen strings.Builder
	ctx := httptrace.WithClientTrace(tb.Context(), &httptrace.ClientTrace{
		Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
			fmt.Fprintf(&seen, "%d %v\n", code, h["Link"])
			return nil
		},
	})
	request, err := http.NewRequestWithContext(ctx, method, server.URL+"/x", strings.NewReader(body))
	must(tb, err)
	response, err := server.Client().Do(request)
	if err != nil {
		fmt.Fprintf(&seen, "error %v\n", err)
		return strings.ReplaceAll(seen.String(), server.URL, "")
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	fmt.Fprintln(&seen, response.Proto, response.Status, response.ContentLength)
	for _, name := range slices.Sorted(maps.Keys(response.Header)) {
		if name != "Date" && name != "X-Request-Id" {
			fmt.Fprintln(&seen, name, response.Header[name])
		}
	}
	fmt.Fprintf(&seen, "%q %v %v\n", content, err, response.Trailer)
	return seen.String()
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// eventually waits for a state that other goroutines bring about.
func eventually(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			tb.Fatalf("never: %s", what)
		}
	}
}

func sortedLines[V cmp.Ordered](m map[string]V) string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(m)) {
		fmt.Fprintln(&b, k, m[k])
	}
	return b.String()
}

// leave sends a request and goes away once the handler has started.
func leave(tb testing.TB, server *httptest.Server, started <-chan struct{}) {
	tb.Helper()
	ctx, cancel := context.WithCancel(tb.Context())
	defer cancel()
	go func() {
		<-started
		cancel()
	}()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/x", nil)
	must(tb, err)
	if response, err := server.Client().Do(request); err == nil {
		response.Body.Close()
		tb.Fatal("the client got an answer before it left")
	}
}
