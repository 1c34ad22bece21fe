package telemetry_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/telemetrytest"
)

func TestProbesAndScrapesAreNoTraces(t *testing.T) {
	for sampler, sampled := range map[string]bool{
		"always_on": true, "always_off": false, "traceidratio": true,
		"parentbased_always_on": true, "parentbased_always_off": false, "parentbased_traceidratio": true,
	} {
		t.Run(sampler, func(t *testing.T) {
			memory := tracetest.NewInMemoryExporter()
			r := telemetrytest.New(t, telemetry.WithExporters(spansTo(keptSpans{memory})), telemetry.WithConfig(func(c *telemetry.Config) {
				c.Traces.Exporters, c.Traces.Sampler, c.Traces.Batch.Delay = []string{"kept"}, sampler, 1e6
				c.Traces.TrustedPeers = []string{"192.0.2.0/24"} // httptest's
			}))
			handler := r.Handler(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
				_, span := r.TracerProvider().Tracer("test").Start(request.Context(), "query")
				span.End()
			}))
			for _, path := range []string{"/metrics", "/health", "/health/live", "/healthy", "/bookings"} {
				request := httptest.NewRequest(http.MethodGet, path, nil)
				if strings.HasPrefix(path, "/health/") {
					request.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
				}
				handler.ServeHTTP(httptest.NewRecorder(), request)
			}
			// The standard metric has them all, as before.
			r.WantValue(`http_server_request_duration_seconds_count{http_request_method="GET",http_response_status_code="200",network_protocol_name="http",network_protocol_version="1.1",server_address="test",url_scheme="http"}`, "5")
			if err := r.Shutdown(t.Context()); err != nil {
				t.Fatal(err)
			}
			names := make(map[string]int)
			for _, span := range memory.GetSpans() {
				names[span.Name]++
			}
			want := 0
			if sampled {
				want = 2
			}
			if names["GET"] != want || names["query"] != want {
				t.Errorf("the spans are %v, want %d requests with a query each", names, want)
			}
		})
	}
}
