package alerting

// The recorded series, named level:metric:operation after the convention of
// https://prometheus.io/docs/practices/rules/. The level lists the labels that
// a series has; use the names in dashboards of your own.
const (
	// RequestRate is requests a second without ProbeEndpoints.
	RequestRate = "job:tutorflow_http_requests:rate5m"
	// FailedRequestRate is 5xx answers a second; 0, not absent, while none fail.
	FailedRequestRate = "job:tutorflow_http_requests_failed:rate5m"
	// FailedRequestRatio is the share of requests answered with a 5xx, 0 to 1;
	// absent without traffic.
	FailedRequestRatio = "job:tutorflow_http_requests_failed:ratio5m"
	// FailedRequestCount is the number of 5xx answers in the window.
	FailedRequestCount = "job:tutorflow_http_requests_failed:increase5m"

	// LatencyP95 is the 95th percentile of the request duration in seconds;
	// absent without traffic.
	LatencyP95 = "job:tutorflow_http_request_duration_seconds:p95_5m"
	// SlowRequestCount is the number of requests in the window that took longer
	// than LatencyThreshold.
	SlowRequestCount = "job:tutorflow_http_requests_slow:increase5m"

	// PoolLimit is the most connections that a pool may open. It is absent for a
	// pool without a limit, which cannot be exhausted.
	PoolLimit = "job_instance_pool:tutorflow_db_connections:limit"
	// PoolUtilization is the share of PoolLimit that is in use, 0 to 1.
	PoolUtilization = "job_instance_pool:tutorflow_db_connections:utilization"
)
