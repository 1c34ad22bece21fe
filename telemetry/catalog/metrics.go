package catalog

// The names of the metrics. In code, in Prometheus and over OTLP a metric has
// the same name.
const (
	HTTPRequests        = "tutorflow_http_requests_total"
	HTTPRequestDuration = "tutorflow_http_request_duration_seconds"
	HTTPRequestsActive  = "tutorflow_http_requests_active"

	DBConnectionsActive     = "tutorflow_db_connections_active"
	DBConnectionsIdle       = "tutorflow_db_connections_idle"
	DBConnectionsMax        = "tutorflow_db_connections_max"
	DBConnectionWaits       = "tutorflow_db_connection_waits_total"
	DBConnectionWaitSeconds = "tutorflow_db_connection_wait_seconds_total"

	Bookings   = "tutorflow_bookings_total"
	Payments   = "tutorflow_payments_total"
	Reviews    = "tutorflow_reviews_total"
	Attendance = "tutorflow_attendance_marked_total"

	Errors = "tutorflow_errors_total"

	ExternalServiceCalls    = "tutorflow_external_service_calls_total"
	ExternalServiceDuration = "tutorflow_external_service_duration_seconds"

	ApplicationInfo = "tutorflow_application_info"

	HealthCheckUp       = "tutorflow_health_check_up"
	HealthCheckDuration = "tutorflow_health_check_duration_seconds"

	TelemetryExports          = "tutorflow_telemetry_exports_total"
	TelemetryLastSuccess      = "tutorflow_telemetry_last_success_timestamp_seconds"
	TelemetryDropped          = "tutorflow_telemetry_dropped_total"
	TelemetryCallbackFailures = "tutorflow_telemetry_callback_failures_total"
	TelemetryLabelOverflow    = "tutorflow_telemetry_label_overflow_total"
	TelemetryLogLinesDropped  = "tutorflow_telemetry_log_lines_dropped_total"
	TelemetryChanges          = "tutorflow_telemetry_changes_total"
	TelemetryRefusedRequests  = "tutorflow_telemetry_refused_requests_total"
)

//go:generate go run ./generate -out ../../docs/metrics.md

// All returns every metric that the SDK defines, in the order in which the
// documentation lists them. The slice is the caller's.
func All() []Definition {
	pool := []Label{{Name: "pool"}}
	check := []Label{{Name: "check"}}
	return []Definition{
		{HTTPRequests, KindCounter, "{request}",
			"HTTP requests answered, by method, route template and status code.",
			[]Label{{"method", Methods()}, {Name: "endpoint"}, {Name: "status"}}, nil},
		{HTTPRequestDuration, KindHistogram, "s",
			"Time from the call of the handler to its return. Hijacked connections and event streams are left out.",
			[]Label{{"method", Methods()}, {Name: "endpoint"}},
			[]float64{.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10}},
		{HTTPRequestsActive, KindUpDownCounter, "{request}",
			"HTTP requests that are being served right now.", nil, nil},

		{DBConnectionsActive, KindGauge, "{connection}",
			"Database connections that are in use.", pool, nil},
		{DBConnectionsIdle, KindGauge, "{connection}",
			"Open database connections that wait for work.", pool, nil},
		{DBConnectionsMax, KindGauge, "{connection}",
			"Most connections that the pool may open; 0 is no limit.", pool, nil},
		{DBConnectionWaits, KindCounter, "{wait}",
			"Times that a query had to wait for a connection.", pool, nil},
		{DBConnectionWaitSeconds, KindCounter, "s",
			"Time that queries have waited for a connection.", pool, nil},

		{Bookings, KindCounter, "{booking}",
			"Bookings that reached a status.", []Label{bookingStatus().label()}, nil},
		{Payments, KindCounter, "{payment}",
			"Payments that reached a status.", []Label{paymentStatus().label()}, nil},
		{Reviews, KindCounter, "{review}",
			"Reviews written.", nil, nil},
		{Attendance, KindCounter, "{mark}",
			"Attendance marks given.", []Label{attendanceStatus().label()}, nil},

		{Errors, KindCounter, "{error}",
			"Errors by registered type and route template; an error outside a request has the endpoint unmatched.",
			[]Label{{Name: "error_type"}, {Name: "endpoint"}}, nil},

		{ExternalServiceCalls, KindCounter, "{call}",
			"Calls to external services, by how they ended.",
			[]Label{{Name: "service"}, {Name: "operation"}, callStatus().label()}, nil},
		{ExternalServiceDuration, KindHistogram, "s",
			"Duration of calls to external services.",
			[]Label{{Name: "service"}, {Name: "operation"}},
			[]float64{.1, .25, .5, 1, 2.5, 5, 10}},

		{ApplicationInfo, KindGauge, "",
			"Always 1; the labels say which program runs.",
			[]Label{{Name: "name"}, {Name: "version"}, {Name: "revision"}, {Name: "environment"}}, nil},

		{HealthCheckUp, KindGauge, "",
			"1 while the health check passes or is degraded, 0 while it fails.", check, nil},
		{HealthCheckDuration, KindGauge, "s",
			"Duration of the health check's last run.", check, nil},

		{TelemetryExports, KindCounter, "{export}",
			"Exports of telemetry; for Prometheus, scrapes.",
			[]Label{{Name: "exporter"}, {"signal", signals()}, {"result", []string{"success", "failure"}}}, nil},
		{TelemetryLastSuccess, KindGauge, "s",
			"Unix time of the last export that went well; 0 before the first.",
			[]Label{{Name: "exporter"}, {"signal", signals()}}, nil},
		{TelemetryDropped, KindCounter, "{item}",
			"Telemetry that was dropped; the exporter sdk stands for measurements with a value that no metric may hold, like NaN.",
			[]Label{{Name: "exporter"}, {"signal", signals()}, {Name: "reason"}}, nil},
		{TelemetryCallbackFailures, KindCounter, "{failure}",
			"Readings of a source of metrics that failed, panicked or took too long; only its own series are missing then.",
			[]Label{{Name: "source"}}, nil},
		{TelemetryLabelOverflow, KindCounter, "{measurement}",
			"Measurements with a label value outside the declared set, folded into another series or left out; for an instrument of OpenTelemetry, collections in which it had too many series.",
			[]Label{{Name: "metric"}}, nil},
		{TelemetryLogLinesDropped, KindCounter, "{line}",
			"Log lines that were not written: stdout was full, stalled or closed, or too many requests of one route were refused.",
			[]Label{{Name: "reason"}}, nil},
		{TelemetryChanges, KindCounter, "{change}",
			"Changes of the telemetry while the program runs: of the lowest log level, of a metric being exported.",
			[]Label{control().label(), action().label()}, nil},
		{TelemetryRefusedRequests, KindCounter, "{request}",
			"Requests that the admin listener refused: without the token, from another machine, under a foreign host, from a web page of another site.",
			[]Label{refusal().label()}, nil},
	}
}

func signals() []string { return []string{"metrics", "traces", "logs"} }
