package otlpcollector

import (
	"compress/gzip"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"time"

	logcollector "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	metriccollector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	tracecollector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/tutorflow/observability/exporters"
)

const contentType = "application/x-protobuf"

type httpServer struct {
	*http.Server
	collector *Collector
	run       *run
}

func newHTTPServer(c *Collector, r *run) *httpServer {
	s := &httpServer{collector: c, run: r}
	mux := http.NewServeMux()
	for _, signal := range exporters.Signals() {
		mux.HandleFunc("POST /v1/"+string(signal), func(w http.ResponseWriter, request *http.Request) { s.export(w, request, signal) })
	}
	s.Server = &http.Server{Handler: mux, TLSConfig: c.options.TLS.Clone(), ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	return s
}

func (s *httpServer) serve(l net.Listener) error {
	if s.TLSConfig != nil {
		return s.ServeTLS(l, "", "")
	}
	return s.Serve(l)
}

// close lets answers that were given reach their clients, or what was delivered
// would be sent again.
func (s *httpServer) close() {
	ctx, cancel := context.WithTimeout(context.Background(), leave)
	defer cancel()
	if s.Shutdown(ctx) != nil {
		_ = s.Close()
	}
}

func (s *httpServer) export(w http.ResponseWriter, r *http.Request, signal exporters.Signal) {
	if !s.run.begin() {
		panic(http.ErrAbortHandler)
	}
	defer s.run.end()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.run.ctx, cancel)()

	message, err := request(r, signal)
	if err != nil {
		s.collector.recorder.attempted(signal)
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer, waiting := s.collector.await(ctx, func() { s.collector.recorder.attempted(signal) })
	if !waiting {
		panic(http.ErrAbortHandler)
	}
	if answer.Failure != None {
		if answer.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int((answer.RetryAfter+time.Second-1)/time.Second)))
		}
		http.Error(w, answer.Message, answer.Failure.status())
		return
	}
	rejected := s.collector.recorder.delivered(Export{
		Signal: signal, Header: r.Header.Clone(), Encoding: r.Header.Get("Content-Encoding"), Request: message,
	}, answer.Reject)
	body, err := proto.Marshal(response(signal, rejected, answer.Message))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType)
	// The client may have gone.
	_, _ = w.Write(body)
}

// request reads the message of an export.
func request(r *http.Request, signal exporters.Signal) (proto.Message, error) {
	var body io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		body = unzipped
	}
	// Real collectors take no more either.
	text, err := io.ReadAll(http.MaxBytesReader(nil, io.NopCloser(body), 20<<20))
	if err != nil {
		return nil, err
	}
	var message proto.Message
	switch signal {
	case exporters.Traces:
		message = &tracecollector.ExportTraceServiceRequest{}
	case exporters.Logs:
		message = &logcollector.ExportLogsServiceRequest{}
	default:
		message = &metriccollector.ExportMetricsServiceRequest{}
	}
	return message, proto.Unmarshal(text, message)
}

func response(signal exporters.Signal, rejected int, reason string) proto.Message {
	switch signal {
	case exporters.Traces:
		return traceResponse(rejected, reason)
	case exporters.Logs:
		return logResponse(rejected, reason)
	}
	return metricResponse(rejected, reason)
}
