package nethttp

import (
	"context"
	"net/http"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Standard is what otelhttp, around the recorder, needs: spans, propagation and
// the standard http.server.request.duration.
type Standard struct {
	TracerProvider trace.TracerProvider
	MeterProvider  metric.MeterProvider
	Propagator     propagation.TextMapPropagator
	// ServerName is the value of server.address, in the place of the Host
	// header, which the client chooses.
	ServerName string
	// Trusted reports whether the peer may set the parent of the spans here and
	// with that the sampling. Without it nobody may: the span of a stranger is
	// linked.
	Trusted func(*http.Request) bool
}

func (s *Standard) wrap(next http.Handler) http.Handler {
	handler := otelhttp.NewHandler(next, "http.server",
		otelhttp.WithTracerProvider(s.TracerProvider),
		otelhttp.WithMeterProvider(s.MeterProvider),
		otelhttp.WithPropagators(s.Propagator),
		// The port is given, since otelhttp would take a missing one from the
		// Host header.
		otelhttp.WithServerName(s.ServerName+":80"),
		otelhttp.WithPublicEndpointFn(func(r *http.Request) bool { return s.Trusted == nil || !s.Trusted(r) }),
	)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Nested middlewares observe a request once.
		if requestFrom(r.Context()) != nil {
			next.ServeHTTP(w, r)
			return
		}
		handler.ServeHTTP(w, hideProto(r))
	})
}

// protoKey finds the protocol that the client named in a context.
type protoKey struct{}

type proto struct {
	text  string
	minor int
}

// hideProto makes HTTP/1.2 to HTTP/1.9, which net/http accepts, HTTP/1.1, since
// otelhttp makes the version a label. The handler sees what the client sent;
// see restoreProto.
func hideProto(r *http.Request) *http.Request {
	if r.ProtoMajor != 1 || r.ProtoMinor < 2 {
		return r
	}
	r = r.WithContext(context.WithValue(r.Context(), protoKey{}, proto{r.Proto, r.ProtoMinor}))
	r.Proto, r.ProtoMinor = "HTTP/1.1", 1
	return r
}

func restoreProto(r *http.Request) {
	if p, ok := r.Context().Value(protoKey{}).(proto); ok {
		r.Proto, r.ProtoMinor = p.text, p.minor
	}
}
