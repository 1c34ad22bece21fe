package otlpcollector

import (
	logcollector "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	metriccollector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	tracecollector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
)

func traceResponse(rejected int, reason string) *tracecollector.ExportTraceServiceResponse {
	response := &tracecollector.ExportTraceServiceResponse{}
	if rejected > 0 || reason != "" {
		response.PartialSuccess = &tracecollector.ExportTracePartialSuccess{RejectedSpans: int64(rejected), ErrorMessage: reason}
	}
	return response
}

func metricResponse(rejected int, reason string) *metriccollector.ExportMetricsServiceResponse {
	response := &metriccollector.ExportMetricsServiceResponse{}
	if rejected > 0 || reason != "" {
		response.PartialSuccess = &metriccollector.ExportMetricsPartialSuccess{RejectedDataPoints: int64(rejected), ErrorMessage: reason}
	}
	return response
}

func logResponse(rejected int, reason string) *logcollector.ExportLogsServiceResponse {
	response := &logcollector.ExportLogsServiceResponse{}
	if rejected > 0 || reason != "" {
		response.PartialSuccess = &logcollector.ExportLogsPartialSuccess{RejectedLogRecords: int64(rejected), ErrorMessage: reason}
	}
	return response
}
