package otlpcollector_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"testing"

	logcollector "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	metriccollector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	tracecollector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logpb "go.opentelemetry.io/proto/otlp/logs/v1"
	metricpb "go.opentelemetry.io/proto/otlp/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/protobuf/proto"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/internal/otlpcollector"
)

func protocols() []string { return []string{exporters.ProtocolGRPC, exporters.ProtocolHTTP} }

// each runs a test for both protocols.
func each(t *testing.T, test func(t *testing.T, protocol string)) {
	t.Parallel()
	for _, protocol := range protocols() {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			test(t, protocol)
		})
	}
}

func traces(names ...string) *tracecollector.ExportTraceServiceRequest {
	var spans []*tracepb.Span
	for _, name := range names {
		spans = append(spans, &tracepb.Span{Name: name})
	}
	return &tracecollector.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{{ScopeSpans: []*tracepb.ScopeSpans{{Spans: spans}}}}}
}

func logs(bodies ...string) *logcollector.ExportLogsServiceRequest {
	var records []*logpb.LogRecord
	for _, body := range bodies {
		records = append(records, &logpb.LogRecord{Body: text(body)})
	}
	return &logcollector.ExportLogsServiceRequest{ResourceLogs: []*logpb.ResourceLogs{{ScopeLogs: []*logpb.ScopeLogs{{LogRecords: records}}}}}
}

func counter(name, status string, values ...int64) *metriccollector.ExportMetricsServiceRequest {
	var points []*metricpb.NumberDataPoint
	for _, value := range values {
		points = append(points, &metricpb.NumberDataPoint{
			Attributes: []*commonpb.KeyValue{{Key: "status", Value: text(status)}},
			Value:      &metricpb.NumberDataPoint_AsInt{AsInt: value},
		})
	}
	return &metriccollector.ExportMetricsServiceRequest{ResourceMetrics: []*metricpb.ResourceMetrics{{ScopeMetrics: []*metricpb.ScopeMetrics{{
		Metrics: []*metricpb.Metric{{Name: name, Data: &metricpb.Metric_Sum{Sum: &metricpb.Sum{DataPoints: points}}}},
	}}}}}
}

func text(value string) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: value}}
}

// client is what a plain OTLP client would be configured with.
type client struct {
	collector *otlpcollector.Collector
	protocol  string
	tls       *tls.Config
}

// statusError is an answer over HTTP other than 200.
type statusError struct {
	status int
	header http.Header
	body   string
}

func (e *statusError) Error() string { return fmt.Sprintf("%d: %s", e.status, e.body) }

// send sends one export, zipped, on a connection of its own, and returns how
// many items were rejected.
func (c client) send(ctx context.Context, message proto.Message) (rejected int64, reason string, err error) {
	if c.protocol == exporters.ProtocolHTTP {
		return c.post(ctx, message)
	}
	creds := insecure.NewCredentials()
	if c.tls != nil {
		creds = credentials.NewTLS(c.tls)
	}
	target := c.collector.Base()
	if scheme, address, ok := bytes.Cut([]byte(target), []byte("://")); ok && string(scheme) != "unix" {
		target = string(address)
	}
	conn, err := grpc.NewClient(target, grpc.WithTransportCredentials(creds), grpc.WithDefaultCallOptions(grpc.UseCompressor(gzip.Name)))
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = conn.Close() }()
	switch m := message.(type) {
	case *tracecollector.ExportTraceServiceRequest:
		answer, err := tracecollector.NewTraceServiceClient(conn).Export(ctx, m)
		return answer.GetPartialSuccess().GetRejectedSpans(), answer.GetPartialSuccess().GetErrorMessage(), err
	case *logcollector.ExportLogsServiceRequest:
		answer, err := logcollector.NewLogsServiceClient(conn).Export(ctx, m)
		return answer.GetPartialSuccess().GetRejectedLogRecords(), answer.GetPartialSuccess().GetErrorMessage(), err
	}
	answer, err := metriccollector.NewMetricsServiceClient(conn).Export(ctx, message.(*metriccollector.ExportMetricsServiceRequest))
	return answer.GetPartialSuccess().GetRejectedDataPoints(), answer.GetPartialSuccess().GetErrorMessage(), err
}

func (c client) post(ctx context.Context, message proto.Message) (int64, string, error) {
	body, err := proto.Marshal(message)
	if err != nil {
		return 0, "", err
	}
	signal := exporters.Metrics
	switch message.(type) {
	case *tracecollector.ExportTraceServiceRequest:
		signal = exporters.Traces
	case *logcollector.ExportLogsServiceRequest:
		signal = exporters.Logs
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.collector.URL(signal), bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	transport := &http.Transport{TLSClientConfig: c.tls, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, "", err
	}
	if response.StatusCode != http.StatusOK {
		return 0, "", &statusError{response.StatusCode, response.Header, string(answer)}
	}
	// The three responses have one form.
	var partial tracecollector.ExportTraceServiceResponse
	err = proto.Unmarshal(answer, &partial)
	return partial.GetPartialSuccess().GetRejectedSpans(), partial.GetPartialSuccess().GetErrorMessage(), err
}

func pool(t *testing.T, path string) *x509.CertPool {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	found := x509.NewCertPool()
	if !found.AppendCertsFromPEM(file) {
		t.Fatalf("%s has no certificate", path)
	}
	return found
}
