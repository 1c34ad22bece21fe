package nethttp_test

import (
	"net/http"
	"testing"

	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/tutorflow/observability/telemetry/nethttp"
)

func hello(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(nil)
}

// chains are the same handler, bare and observed.
func chains(tb testing.TB) (bare, light, standard http.Handler) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /bookings/{id}", hello)
	quiet := func(c *nethttp.Config) { c.Access, c.Panicked = nil, nil }
	l := newRig(tb, false, quiet)
	s := newRig(tb, true, quiet, func(c *nethttp.Config) {
		c.Standard.TracerProvider = noop.NewTracerProvider()
		c.Standard.Propagator = propagation.NewCompositeTextMapPropagator()
		c.Standard.MeterProvider = sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader()))
	})
	observed := func(r *rig) http.Handler {
		mux := nethttp.NewServeMux(r.http)
		mux.HandleFunc("GET /bookings/{id}", hello)
		return r.middleware.Wrap(mux)
	}
	return mux, observed(l), observed(s)
}

func TestLightMiddlewareAllocatesLittle(t *testing.T) {
	bare, light, standard := chains(t)
	w, r := newFakeWriter(), newRequest("GET", "/bookings/7")
	measure := func(h http.Handler) float64 {
		return testing.AllocsPerRun(200, func() { w.reset(); h.ServeHTTP(w, r) })
	}
	base := measure(bare)
	if extra := measure(light) - base; extra > 3 {
		t.Errorf("the light middleware allocates %v times beyond the bare %v, want at most 3", extra, base)
	}
	t.Logf("bare %v, light %v, with otelhttp %v", base, measure(light), measure(standard))
}

func BenchmarkMiddleware(b *testing.B) {
	bare, light, standard := chains(b)
	for _, c := range []struct {
		name    string
		handler http.Handler
	}{{"bare", bare}, {"light", light}, {"otelhttp", standard}} {
		b.Run(c.name, func(b *testing.B) {
			w, r := newFakeWriter(), newRequest("GET", "/bookings/7")
			b.ReportAllocs()
			for b.Loop() {
				w.reset()
				c.handler.ServeHTTP(w, r)
			}
		})
	}
}

func BenchmarkMiddlewareParallel(b *testing.B) {
	bare, light, _ := chains(b)
	for _, c := range []struct {
		name    string
		handler http.Handler
	}{{"bare", bare}, {"light", light}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				w, r := newFakeWriter(), newRequest("GET", "/bookings/7")
				for pb.Next() {
					w.reset()
					c.handler.ServeHTTP(w, r)
				}
			})
		})
	}
}
