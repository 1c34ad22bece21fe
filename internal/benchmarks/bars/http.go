package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/tutorflow/observability/telemetry"
)

func handle(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

// routes registers the same two routes on any mux.
func routes(mux interface {
	HandleFunc(string, func(http.ResponseWriter, *http.Request))
}) {
	mux.HandleFunc("GET /api/v1/bookings/{booking_id}", handle)
	mux.HandleFunc("POST /api/v1/bookings", handle)
}

func bare() http.Handler {
	mux := http.NewServeMux()
	routes(mux)
	return mux
}

// start makes a pipeline whose log goes nowhere.
func start(change func(*telemetry.Config)) *telemetry.Telemetry {
	config := telemetry.DefaultConfig()
	config.Service = telemetry.Service{Name: "bars", Version: "1"}
	change(&config)
	tel, err := telemetry.New(context.Background(), config, telemetry.WithLogWriter(io.Discard))
	if err != nil {
		panic(err)
	}
	return tel
}

func observed(change func(*telemetry.Config)) http.Handler {
	tel := start(change)
	mux := tel.NewServeMux()
	routes(mux)
	return tel.Handler(mux)
}

func light(access bool) http.Handler {
	return observed(func(c *telemetry.Config) { c.HTTP.SemconvMetrics, c.Logs.Access = false, access })
}

func full() http.Handler { return observed(func(*telemetry.Config) {}) }

func disabled() http.Handler {
	tel := start(func(c *telemetry.Config) { c.Disabled = true })
	return tel.Handler(bare())
}

// promhttpChain is what client_golang's documentation shows, with the labels of
// the contract: requests by method, endpoint and status, their duration by
// method and endpoint, requests in flight. promhttp knows no route, so each
// handler is wrapped with its own endpoint, as its documentation has it.
func promhttpChain() http.Handler { return newChain(prometheus.NewRegistry()) }

func newChain(registry *prometheus.Registry) http.Handler {
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "requests_total"}, []string{"method", "endpoint", "code"})
	durations := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "duration_seconds"}, []string{"method", "endpoint"})
	inFlight := prometheus.NewGauge(prometheus.GaugeOpts{Name: "in_flight"})
	registry.MustRegister(requests, durations, inFlight)
	mux := http.NewServeMux()
	routes(router(func(pattern string, handler func(http.ResponseWriter, *http.Request)) {
		endpoint := prometheus.Labels{"endpoint": pattern}
		mux.Handle(pattern, promhttp.InstrumentHandlerInFlight(inFlight,
			promhttp.InstrumentHandlerDuration(durations.MustCurryWith(endpoint),
				promhttp.InstrumentHandlerCounter(requests.MustCurryWith(endpoint), http.HandlerFunc(handler)))))
	}))
	return mux
}

type router func(string, func(http.ResponseWriter, *http.Request))

func (r router) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	r(pattern, handler)
}

// byHand is the usual wiring of the same things: otelhttp outside, promhttp
// inside, a zap line for each request.
func byHand() http.Handler {
	registry := prometheus.NewRegistry()
	exporter, err := otelprometheus.New(otelprometheus.WithRegisterer(registry))
	if err != nil {
		panic(err)
	}
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter))
	logger := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(io.Discard), zap.InfoLevel))
	next := newChain(registry)
	logged := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		status := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(status, r)
		logger.Info("HTTP request", zap.String("http_method", r.Method), zap.String("http_path", r.URL.Path),
			zap.Int("http_status", status.status), zap.Duration("duration", time.Since(begin)))
	})
	return otelhttp.NewHandler(logged, "http.server", otelhttp.WithMeterProvider(provider))
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// serve measures one request through handler.
func serve(handler http.Handler) func(*testing.B) {
	return func(b *testing.B) {
		request := &http.Request{
			Method: http.MethodGet, URL: &url.URL{Path: "/api/v1/bookings/42"}, Host: "localhost",
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"User-Agent": {"bars"}},
			Body: http.NoBody, RemoteAddr: "127.0.0.1:4711",
		}
		request = request.WithContext(b.Context())
		w := &connWriter{header: make(http.Header)}
		b.ReportAllocs()
		for b.Loop() {
			clear(w.header)
			handler.ServeHTTP(w, request)
		}
	}
}

// connWriter can do what the writer of an HTTP/1 server can, and writes
// nowhere.
type connWriter struct{ header http.Header }

func (w *connWriter) Header() http.Header               { return w.header }
func (*connWriter) Write(p []byte) (int, error)         { return len(p), nil }
func (*connWriter) WriteString(s string) (int, error)   { return len(s), nil }
func (*connWriter) WriteHeader(int)                     {}
func (*connWriter) Flush()                              {}
func (*connWriter) FlushError() error                   { return nil }
func (*connWriter) ReadFrom(r io.Reader) (int64, error) { return io.Copy(io.Discard, r) }
func (*connWriter) SetReadDeadline(time.Time) error     { return nil }
func (*connWriter) SetWriteDeadline(time.Time) error    { return nil }
func (*connWriter) EnableFullDuplex() error             { return nil }
func (*connWriter) CloseNotify() <-chan bool            { return nil }
func (*connWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return nil, nil, errors.New("not supported")
}
