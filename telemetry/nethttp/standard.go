package nethttp

import (
	"context"
	"fmt"
	"net"
	"net/http"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/tutorflow/observability/telemetry/catalog"
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
		otelhttp.WithTracerProvider(tracerProvider{s.TracerProvider}),
		otelhttp.WithMeterProvider(s.MeterProvider),
		otelhttp.WithPropagators(s.Propagator),
		otelhttp.WithServerName(s.server()),
		otelhttp.WithPublicEndpointFn(s.public),
	)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Nested middlewares observe a request once.
		if requestFrom(r.Context()) != nil {
			next.ServeHTTP(w, r)
			return
		}
		shareTrailer(r)
		own := hideProto(r)
		// otelhttp puts a body of its own in the request that it gets, while net/http
		// decides by the body in its own whether the connection can go on.
		if own == r && r.Body != nil && r.Body != http.NoBody {
			own = r.WithContext(r.Context())
		}
		defer func() {
			// net/http removes the files of a form that it finds in its own request.
			if own.MultipartForm != nil {
				r.MultipartForm = own.MultipartForm
			}
		}()
		handler.ServeHTTP(w, own)
	})
}

// server is the server's name with a port, since otelhttp would take a missing
// one from the Host header, too. Port 0 stands for none.
func (s *Standard) server() string {
	return net.JoinHostPort(catalog.LabelValue(s.ServerName), "0")
}

func (s *Standard) validate() error {
	if host, _, err := net.SplitHostPort(s.server()); err != nil || host == "" {
		return fmt.Errorf("Standard.ServerName %.140q: needed, in the place of the Host header, is a name without brackets", s.ServerName)
	}
	return nil
}

// public reports whether the client is a stranger.
func (s *Standard) public(r *http.Request) (stranger bool) {
	if s.Trusted == nil {
		return true
	}
	defer func() {
		if recover() != nil {
			stranger = true
		}
	}()
	return !s.Trusted(r)
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
