package telemetry_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/telemetrytest"
)

// truth is what the whole SDK tells of one request. The package nethttp has more
// of them, and compares the answers with those of the bare handler.
type truth struct {
	name    string
	only    string // HTTP/1 or HTTP/2, both if empty.
	client  func(t *testing.T, client *http.Client, url string)
	handler http.HandlerFunc

	status  int
	errors  string // The error type that is counted.
	span    string // error.type, if another than the status.
	lasting bool   // It is not in the latency histogram.
	size    string // Of the answer, as the span has it.
}

func truths() []truth {
	const (
		http1 = "HTTP/1"
		big   = 1 << 20
	)
	started := make(chan struct{})
	return []truth{
		{name: "panic before the first write", client: ask(""), status: 500, errors: "panic", span: "panic", size: "22",
			handler: func(http.ResponseWriter, *http.Request) { panic("c4n4ry") }},
		{name: "panic after the first write", client: ask(""), status: 500, errors: "panic", span: "panic", size: "4",
			handler: func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "half"); panic("c4n4ry") }},
		{name: "ErrAbortHandler", client: ask(""), status: 500, errors: "server_error",
			handler: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		{name: "ErrAbortHandler after the first write", client: ask(""), status: 200, size: "4",
			handler: func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "half"); panic(http.ErrAbortHandler) }},
		{name: "client gone", client: goAway(started), status: 499,
			handler: func(_ http.ResponseWriter, r *http.Request) { started <- struct{}{}; <-r.Context().Done() }},
		{name: "1xx", client: ask(""), status: 404, handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(404) }},
		{name: "double header", client: ask(""), status: 201, handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201); w.WriteHeader(500) }},
		{name: "hijack", only: http1, client: ask(""), status: 101, lasting: true, handler: func(w http.ResponseWriter, _ *http.Request) {
			if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
				fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
				conn.Close()
			}
		}},
		{name: "server-sent events", client: ask(""), status: 200, lasting: true, size: "9", handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprint(w, "data: 1\n\n")
			_ = http.NewResponseController(w).Flush()
		}},
		{name: "io.Copy", client: ask(""), status: 200, size: fmt.Sprint(big), handler: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.Copy(w, io.LimitReader(zeros{}, big))
		}},
		{name: "timeout handler", client: ask(""), status: 503, errors: "server_error", size: "4", handler: http.TimeoutHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
		}), time.Millisecond, "late").ServeHTTP},
		{name: "multipart", client: ask("--b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\nvalue\r\n--b--\r\n"), status: 200, size: "5",
			handler: func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.FormValue("n")) }},
		{name: "streaming both ways", client: converse, status: 200, size: "6", handler: echo},
		{name: "max-bytes", client: ask(strings.Repeat("x", big)), status: 413, size: "8", handler: func(w http.ResponseWriter, r *http.Request) {
			if _, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, 10)); err != nil {
				http.Error(w, "too big", http.StatusRequestEntityTooLarge)
			}
		}},
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

// echo answers each piece of the body as it comes.
func echo(w http.ResponseWriter, r *http.Request) {
	_ = http.NewResponseController(w).EnableFullDuplex()
	for piece := make([]byte, 10); ; {
		n, err := r.Body.Read(piece)
		_, _ = w.Write(piece[:n])
		_ = http.NewResponseController(w).Flush()
		if err != nil {
			return
		}
	}
}

// ask sends one request and reads the answer, if there is one.
func ask(body string) func(*testing.T, *http.Client, string) {
	return func(_ *testing.T, client *http.Client, url string) {
		response, err := client.Post(url, "multipart/form-data; boundary=b", strings.NewReader(body))
		if err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			response.Body.Close()
		}
	}
}

// goAway leaves once the handler has started: a stream that is reset before
// reaches none.
func goAway(started <-chan struct{}) func(*testing.T, *http.Client, string) {
	return func(t *testing.T, client *http.Client, url string) {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-started
			cancel()
		}()
		request, _ := http.NewRequestWithContext(ctx, http.MethodPost, url, nil)
		if response, err := client.Do(request); err == nil {
			response.Body.Close()
			t.Error("the client got an answer")
		}
	}
}

// converse sends a piece after each answer to the one before.
func converse(t *testing.T, client *http.Client, url string) {
	body, send := io.Pipe()
	go func() { _, _ = io.WriteString(send, "one") }()
	response, err := client.Post(url, "text/plain", body)
	if err != nil {
		t.Error(err)
		return
	}
	defer response.Body.Close()
	for _, next := range []string{"two", ""} {
		if _, err := io.ReadFull(response.Body, make([]byte, 3)); err != nil {
			t.Errorf("read before %q: %v", next, err)
		}
		if next == "" {
			send.Close()
			break
		}
		_, _ = io.WriteString(send, next)
	}
	if rest, err := io.ReadAll(response.Body); err != nil || len(rest) > 0 {
		t.Errorf("after the end came %q %v", rest, err)
	}
}

func TestSeriesSpanAndLogLineTellTheSame(t *testing.T) {
	for _, truth := range truths() {
		for _, protocol := range []string{"HTTP/1", "HTTP/2"} {
			if truth.only == "" || truth.only == protocol {
				t.Run(truth.name+"/"+protocol, func(t *testing.T) { truth.check(t, protocol == "HTTP/2") })
			}
		}
	}
}

func (o truth) check(t *testing.T, http2 bool) {
	spans := tracetest.NewInMemoryExporter()
	r := telemetrytest.New(t, telemetry.WithExporters(spansTo(keptSpans{spans})),
		telemetry.WithConfig(func(c *telemetry.Config) { c.Traces.Exporters = []string{"kept"} }))
	mux := r.NewServeMux()
	mux.HandleFunc("POST /x", o.handler)
	observed, ended := r.Handler(mux), make(chan struct{})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		observed.ServeHTTP(w, r)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.EnableHTTP2 = http2
	server.StartTLS()
	defer server.Close()
	o.client(t, server.Client(), server.URL+"/x")
	<-ended

	if diff := gocmp.Diff(o.series(), nonZero(r)); diff != "" {
		t.Errorf("the series differ (-want +got):\n%s", diff)
	}
	logs := r.Logs()
	if err := r.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(spans.GetSpans()); n != 1 {
		t.Fatalf("%d spans, want 1", n)
	}
	span := spans.GetSpans()[0]
	o.checkSpan(t, span)
	o.checkLogs(t, span, logs)
}

// series are those of the contract's request metrics that are not 0.
func (o truth) series() map[string]string {
	series := map[string]string{fmt.Sprintf(`%s{endpoint="/x",method="POST",status="%d"}`, catalog.HTTPRequests, o.status): "1"}
	if o.errors != "" {
		series[fmt.Sprintf(`%s{endpoint="/x",error_type="%s"}`, catalog.Errors, o.errors)] = "1"
	}
	if !o.lasting {
		series[catalog.HTTPRequestDuration+`_count{endpoint="/x",method="POST"}`] = "1"
	}
	return series
}

func nonZero(r *telemetrytest.Recorder) map[string]string {
	series := make(map[string]string)
	for line := range strings.Lines(r.Exposition(catalog.HTTPRequests, catalog.HTTPRequestDuration, catalog.HTTPRequestsActive, catalog.Errors)) {
		end := strings.LastIndexByte(line, ' ')
		name, value := line[:end], strings.TrimSpace(line[end:])
		if value != "0" && !strings.Contains(name, "_bucket{") && !strings.Contains(name, "_sum{") {
			series[name] = value
		}
	}
	return series
}

func (o truth) checkSpan(t *testing.T, span tracetest.SpanStub) {
	got := map[string]string{"name": span.Name, "status": span.Status.Code.String(), "events": fmt.Sprint(span.Events)}
	for _, a := range span.Attributes {
		switch a.Key {
		case "http.route", "http.response.status_code", "http.response.body.size", "error.type":
			got[string(a.Key)] = a.Value.String()
		}
	}
	want := map[string]string{"name": "POST /x", "status": "Unset", "events": "[]", "http.route": "/x", "http.response.status_code": fmt.Sprint(o.status)}
	if o.status >= 500 {
		want["status"], want["error.type"] = "Error", cmp.Or(o.span, fmt.Sprint(o.status))
	}
	if o.size != "" {
		want["http.response.body.size"] = o.size
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("the span differs (-want +got):\n%s", diff)
	}
}

// checkLogs compares every field of every line, but for times, the request's id
// and the place and stack of a panic.
func (o truth) checkLogs(t *testing.T, span tracetest.SpanStub, logs []map[string]any) {
	line := func(level, logger, message string) map[string]any {
		return map[string]any{"level": level, "logger": logger, "message": message, "app": "test", "environment": "test", "version": "0.0.0",
			"trace_id": span.SpanContext.TraceID().String(), "span_id": span.SpanContext.SpanID().String()}
	}
	level := "INFO"
	if o.status >= 500 {
		level = "ERROR"
	}
	access := line(level, "tutorflow.request", "HTTP request")
	access["http_method"], access["http_path"], access["http_route"], access["http_status"] = "POST", "/x", "/x", float64(o.status)
	want := []map[string]any{access}
	if o.errors == "panic" {
		fault := line("ERROR", "tutorflow.error", "panic")
		fault["error"], fault["error_type"], fault["endpoint"], fault["panic_type"] = "handler panicked", "panic", "/x", "string"
		want = []map[string]any{fault, access}
	}
	for _, got := range logs {
		for _, key := range []string{"timestamp", "request_id", "duration_ms", "stack", "function", "line", "module"} {
			if got[key] == "" {
				t.Errorf("%s is empty", key)
			}
			if key == "stack" && strings.Contains(fmt.Sprint(got[key]), "c4n4ry") {
				t.Error("the stack shows the value of the panic")
			}
			delete(got, key)
		}
	}
	if diff := gocmp.Diff(want, logs); diff != "" {
		t.Errorf("the lines differ (-want +got):\n%s", diff)
	}
}
