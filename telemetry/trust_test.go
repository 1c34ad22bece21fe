package telemetry_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/telemetrytest"
)

// memorySpans is the factory of an exporter called memory.
func memorySpans(exporter sdktrace.SpanExporter) exporters.Factory {
	return exporters.Factory{Name: "memory", Traces: func(context.Context, exporters.Settings) (sdktrace.SpanExporter, error) {
		return exporter, nil
	}}
}

func TestTraceContextIsTakenOverFromTrustedNetworksAlone(t *testing.T) {
	const parent = "b7ad6b7169203331"
	byHeader := func(r *http.Request) bool { return r.Header.Get("X-Mesh") == "yes" }
	for name, test := range map[string]struct {
		networks []string
		peer     string
		mesh     string
		want     bool
	}{
		"nobody is trusted":                  {nil, "10.1.2.3:80", "", false},
		"an address of the network":          {[]string{"192.168.0.0/16", "10.0.0.0/8"}, "10.1.2.3:80", "", true},
		"an address outside":                 {[]string{"10.0.0.0/8"}, "11.1.2.3:80", "", false},
		"an address of version 6":            {[]string{"fd00::/8"}, "[fd00::1]:80", "", true},
		"an address with a zone":             {[]string{"fe80::/10"}, "[fe80::1%eth0]:80", "", true},
		"a version 4 address as version 6":   {[]string{"10.0.0.0/8"}, "[::ffff:10.1.2.3]:80", "", true},
		"an address that is none":            {[]string{"0.0.0.0/0"}, "@", "", false},
		"code trusts a peer as well":         {[]string{"10.0.0.0/8"}, "11.1.2.3:80", "yes", true},
		"code alone trusts a peer":           {nil, "11.1.2.3:80", "yes", true},
		"a network given with a host's bits": {[]string{"10.1.2.3/8"}, "10.9.9.9:80", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			memory := tracetest.NewInMemoryExporter()
			r := telemetrytest.New(t, telemetry.WithExporters(memorySpans(memory)), telemetry.WithTrustedPeers(byHeader),
				telemetry.WithConfig(func(c *telemetry.Config) {
					c.Traces.Exporters, c.Traces.TrustedPeers = []string{"memory"}, test.networks
				}))
			request := httptest.NewRequest(http.MethodGet, "/", nil)
			request.RemoteAddr = test.peer
			request.Header.Set("X-Mesh", test.mesh)
			request.Header.Set("X-Forwarded-For", "10.1.1.1")
			request.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-"+parent+"-01")
			var got bool
			r.Handler(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
				span, _ := trace.SpanFromContext(req.Context()).(sdktrace.ReadOnlySpan)
				got = span != nil && span.Parent().SpanID().String() == parent
			})).ServeHTTP(httptest.NewRecorder(), request)
			if got != test.want {
				t.Errorf("the peer is the parent: %t, want %t", got, test.want)
			}
		})
	}
}
