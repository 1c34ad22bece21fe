package app_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/tutorflow/observability/examples/tutorflow/app"
	"github.com/tutorflow/observability/exporters"
)

// memory is an exporter that keeps its spans.
type memory struct {
	mu   sync.Mutex
	kept []sdktrace.ReadOnlySpan
}

func (m *memory) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept = append(m.kept, spans...)
	return nil
}

func (m *memory) Shutdown(context.Context) error { return nil }

func (m *memory) factory() exporters.Factory {
	return exporters.Factory{Name: "memory", Traces: func(context.Context, exporters.Settings) (sdktrace.SpanExporter, error) { return m, nil }}
}

// serve runs the service until use, which is given its address, has returned.
func serve(t *testing.T, c app.Config, use func(url string)) {
	t.Helper()
	banner, bannerWriter := io.Pipe()
	c.Banner = bannerWriter
	a, err := app.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- errors.Join(a.Run(ctx), bannerWriter.Close()) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	}()
	lines := bufio.NewScanner(banner)
	for lines.Scan() {
		if _, url, ok := strings.Cut(lines.Text(), "API "); ok {
			go func() { _, _ = io.Copy(io.Discard, banner) }()
			use(strings.TrimSpace(url))
			return
		}
	}
	t.Error("the service does not say where it listens")
}

func TestARequestIsOneTraceWithItsQueriesAndCallsAndHealthChecksAreInNone(t *testing.T) {
	t.Setenv("OTEL_TRACES_EXPORTER", "memory")
	spans := new(memory)
	c := config(t)
	c.CheckInterval, c.Exporters = time.Millisecond, []exporters.Factory{spans.factory()}
	starts := time.Now().Add(100 * time.Hour).UTC().Truncate(time.Minute)
	serve(t, c, func(url string) {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		body := fmt.Sprintf(`{"tutor_id":1,"starts_at":%q,"minutes":90}`, starts.Format(time.RFC3339))
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Kakao code-77001177")
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusCreated {
			t.Fatalf("the booking was answered with %s", response.Status)
		}
		time.Sleep(50 * time.Millisecond) // for some runs of the health checks
	})

	below := map[string]int{}
	var server sdktrace.ReadOnlySpan
	var shown strings.Builder
	for _, span := range spans.kept {
		if fmt.Fprintln(&shown, span.Name(), span.Attributes(), span.Events()); span.SpanKind() == trace.SpanKindServer {
			server = span
		}
	}
	if server == nil {
		t.Fatalf("there is no server span:\n%s", &shown)
	}
	for _, span := range spans.kept {
		switch {
		case span == server:
		case span.SpanKind() != trace.SpanKindClient || span.Parent().SpanID() != server.SpanContext().SpanID() ||
			span.SpanContext().TraceID() != server.SpanContext().TraceID():
			t.Errorf("%s is not a client span below the request's", span.Name())
		case span.Name() != "sql.connector.connect": // the health check may have the only connection
			below[span.Name()]++
		}
	}
	want := map[string]int{"kakao_oauth token": 1, "kakao_oauth user_info": 1, "sql.conn.query": 1}
	if diff := cmp.Diff(want, below); diff != "" {
		t.Errorf("spans of %s (-want +got):\n%s", server.Name(), diff)
	}
	for _, value := range []string{"77001177", starts.Format(time.RFC3339), fmt.Sprint(starts.UnixMicro())} {
		if strings.Contains(shown.String(), value) {
			t.Errorf("the spans show the value %s:\n%s", value, &shown)
		}
	}
}
