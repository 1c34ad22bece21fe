package otlpcollector

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"

	logcollector "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	metriccollector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	tracecollector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	_ "google.golang.org/grpc/encoding/gzip" // requests may be compressed
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/tutorflow/observability/exporters"
)

// grpcServer serves with grpc's own limits, of which the one of a request is
// 4 MiB.
type grpcServer struct {
	*grpc.Server
	collector *Collector
	run       *run
}

func newGRPCServer(c *Collector, r *run) *grpcServer {
	options := []grpc.ServerOption{grpc.StatsHandler(attempts{c}), grpc.WaitForHandlers(true)}
	if c.options.TLS != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(c.options.TLS)))
	}
	s := &grpcServer{Server: grpc.NewServer(options...), collector: c, run: r}
	tracecollector.RegisterTraceServiceServer(s, traceService{server: s})
	metriccollector.RegisterMetricsServiceServer(s, metricService{server: s})
	logcollector.RegisterLogsServiceServer(s, logService{server: s})
	return s
}

func (s *grpcServer) serve(l net.Listener) error { return s.Serve(l) }

// close lets answers that were given reach their clients, or what was delivered
// would be sent again.
func (s *grpcServer) close() {
	timer := time.AfterFunc(leave, s.Stop)
	defer timer.Stop()
	s.GracefulStop()
}

// take handles one export. It returns how many items were rejected, and why.
func (s *grpcServer) take(ctx context.Context, signal exporters.Signal, request proto.Message) (int, string, error) {
	if !s.run.begin() {
		return 0, "", status.Error(codes.Unavailable, "stopped")
	}
	defer s.run.end()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.run.ctx, cancel)()

	info := ctx.Value(rpcKey{}).(*rpc)
	info.taken = true
	answer, waiting := s.collector.await(ctx, func() { s.collector.recorder.attempted(signal) })
	if !waiting {
		return 0, "", status.Error(codes.Canceled, "nobody waits")
	}
	if answer.Failure != None {
		failure := status.New(answer.Failure.code(), answer.Message)
		if answer.RetryAfter > 0 {
			with, err := failure.WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(answer.RetryAfter)})
			if err != nil {
				return 0, "", err
			}
			failure = with
		}
		return 0, "", failure.Err()
	}
	export := Export{Signal: signal, Header: make(http.Header), Encoding: info.compression, Request: request}
	sent, _ := metadata.FromIncomingContext(ctx)
	for name, values := range sent {
		export.Header[http.CanonicalHeaderKey(name)] = values
	}
	return s.collector.recorder.delivered(export, answer.Reject), answer.Message, nil
}

type traceService struct {
	tracecollector.UnimplementedTraceServiceServer
	server *grpcServer
}

func (s traceService) Export(ctx context.Context, request *tracecollector.ExportTraceServiceRequest) (*tracecollector.ExportTraceServiceResponse, error) {
	rejected, reason, err := s.server.take(ctx, exporters.Traces, request)
	if err != nil {
		return nil, err
	}
	return traceResponse(rejected, reason), nil
}

type metricService struct {
	metriccollector.UnimplementedMetricsServiceServer
	server *grpcServer
}

func (s metricService) Export(ctx context.Context, request *metriccollector.ExportMetricsServiceRequest) (*metriccollector.ExportMetricsServiceResponse, error) {
	rejected, reason, err := s.server.take(ctx, exporters.Metrics, request)
	if err != nil {
		return nil, err
	}
	return metricResponse(rejected, reason), nil
}

type logService struct {
	logcollector.UnimplementedLogsServiceServer
	server *grpcServer
}

func (s logService) Export(ctx context.Context, request *logcollector.ExportLogsServiceRequest) (*logcollector.ExportLogsServiceResponse, error) {
	rejected, reason, err := s.server.take(ctx, exporters.Logs, request)
	if err != nil {
		return nil, err
	}
	return logResponse(rejected, reason), nil
}

// attempts counts the calls whose request is too long to reach a service, and
// keeps what only the transport knows.
type attempts struct{ collector *Collector }

type rpcKey struct{}

// rpc is one call. Its events come one after the other.
type rpc struct {
	method      string
	compression string
	taken       bool
}

func (attempts) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	return context.WithValue(ctx, rpcKey{}, &rpc{method: info.FullMethodName})
}

func (a attempts) HandleRPC(ctx context.Context, event stats.RPCStats) {
	info := ctx.Value(rpcKey{}).(*rpc)
	switch event := event.(type) {
	case *stats.InHeader:
		info.compression = event.Compression
	case *stats.End:
		if !info.taken {
			a.collector.recorder.attempted(signalOf(info.method))
		}
	}
}

func (attempts) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (attempts) HandleConn(context.Context, stats.ConnStats)                       {}

func signalOf(method string) exporters.Signal {
	switch strings.Split(strings.Trim(method, "/"), "/")[0] {
	case tracecollector.TraceService_ServiceDesc.ServiceName:
		return exporters.Traces
	case logcollector.LogsService_ServiceDesc.ServiceName:
		return exporters.Logs
	}
	return exporters.Metrics
}
