package telemetry_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/zap"

	"github.com/tutorflow/observability/exporters"
	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/telemetrytest"
)

func get(t *testing.T, h http.Handler, target string) *httptest.ResponseRecorder {
	t.Helper()
	response := httptest.NewRecorder()
	h.ServeHTTP(response, httptest.NewRequest(http.MethodGet, target, nil))
	return response
}

func TestOneRequestIsInTheCounterTheHistogramAndTheAccessLog(t *testing.T) {
	r := telemetrytest.New(t)
	mux := r.NewServeMux()
	mux.HandleFunc("GET /tutors/{tutor_id}", func(w http.ResponseWriter, req *http.Request) {
		ctx := telemetry.WithUser(req.Context(), "u-7")
		telemetry.Log(ctx).Info("looking", zap.String("tutor", req.PathValue("tutor_id")))
		w.WriteHeader(http.StatusTeapot)
	})
	handler := r.Handler(mux)
	response := get(t, handler, "/tutors/12?card=4111")
	get(t, handler, "/metrics")
	get(t, handler, "/health/live")

	r.WantValue(`tutorflow_http_requests_total{endpoint="/tutors/{tutor_id}",method="GET",status="418"}`, "1")
	r.WantValue(`tutorflow_http_requests_total{endpoint="/tutors/{tutor_id}",method="GET",status="500"}`, "0")
	r.WantValue(`tutorflow_http_request_duration_seconds_count{endpoint="/tutors/{tutor_id}",method="GET"}`, "1")
	r.WantValue(`tutorflow_http_requests_active`, "0")

	id := response.Header().Get("X-Request-Id")
	logs := r.Logs()
	if len(logs) != 2 {
		t.Fatalf("%d lines, want the handler's and the access log's: %v", len(logs), logs)
	}
	for i, want := range []map[string]any{
		{"logger": "tutorflow", "message": "looking", "request_id": id, "user_id": "u-7", "tutor": "12", "function": "TestOneRequestIsInTheCounterTheHistogramAndTheAccessLog.func1"},
		{"logger": "tutorflow.request", "message": "HTTP request", "request_id": id, "user_id": "u-7", "http_method": "GET",
			"http_path": "/tutors/12", "http_route": "/tutors/{tutor_id}", "http_status": float64(418)},
	} {
		for key, value := range want {
			if logs[i][key] != value {
				t.Errorf("line %d: %s is %v, want %v", i, key, logs[i][key], value)
			}
		}
	}
}

func TestTheIdsOfAStrangerAreInNoLogLine(t *testing.T) {
	const foreign = "ffffffffffffffffffffffffffffffff"
	for name, change := range map[string]func(*telemetry.Config){
		"without spans": func(*telemetry.Config) {},
		"with spans":    func(c *telemetry.Config) { c.Traces.Exporters = []string{"silent"} },
		"light":         func(c *telemetry.Config) { c.HTTP.SemconvMetrics = false },
	} {
		t.Run(name, func(t *testing.T) {
			r := telemetrytest.New(t, telemetry.WithConfig(change), telemetry.WithExporters(silentSpans()))
			request := httptest.NewRequest(http.MethodGet, "/", nil)
			request.Header.Set("Traceparent", "00-"+foreign+"-ffffffffffffffff-01")
			r.Handler(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
				telemetry.Log(req.Context()).Info("here")
			})).ServeHTTP(httptest.NewRecorder(), request)
			logs := r.Logs()
			if strings.Contains(fmt.Sprint(logs), "ffffffffffffffff") {
				t.Errorf("a line has the stranger's ids: %v", logs)
			}
			if _, there := logs[0]["trace_id"]; there != (name == "with spans") {
				t.Errorf("trace_id is there: %v", there)
			}
		})
	}
}

// silentSpans is the factory of an exporter that drops spans.
func silentSpans() exporters.Factory {
	return exporters.Factory{Name: "silent", Traces: func(context.Context, exporters.Settings) (sdktrace.SpanExporter, error) {
		return tracetest.NewNoopExporter(), nil
	}}
}

type panickingError struct{}

func (panickingError) Error() string { return "broken" }
func (panickingError) Is(error) bool { panic("no") }

func TestRecordErrorSurvivesAnErrorThatPanics(t *testing.T) {
	r := telemetrytest.New(t, telemetry.WithErrorType("declined", errDeclined))
	r.RecordError(t.Context(), panickingError{})
	r.WantValue(`tutorflow_errors_total{endpoint="unmatched",error_type="other"}`, "1")
}

func TestAPanicIsAnswered500AndItsTextIsNowhere(t *testing.T) {
	r := telemetrytest.New(t)
	mux := r.NewServeMux()
	mux.HandleFunc("GET /secret", func(http.ResponseWriter, *http.Request) { panic("canary-4711") })
	mux.HandleFunc("GET /nil", func(http.ResponseWriter, *http.Request) { var none *http.Request; none.Close = true })
	handler := r.Handler(mux)
	for _, path := range []string{"/secret", "/nil"} {
		if response := get(t, handler, path); response.Code != http.StatusInternalServerError {
			t.Errorf("%s: status %d, want 500", path, response.Code)
		}
	}
	r.WantValue(`tutorflow_errors_total{endpoint="/secret",error_type="panic"}`, "1")
	r.WantValue(`tutorflow_errors_total{endpoint="/secret",error_type="server_error"}`, "0")
	logs := fmt.Sprint(r.Logs())
	for _, want := range []string{"handler panicked", "panic_type:string", "nil pointer dereference", "http_test.go"} {
		if !strings.Contains(logs, want) {
			t.Errorf("the log lacks %q: %s", want, logs)
		}
	}
	if strings.Contains(logs, "canary-4711") || strings.Contains(r.Exposition(), "canary-4711") {
		t.Error("the text of the panic is in an output")
	}
}

var errDeclined = errors.New("card declined by the bank")

type typedError struct{ name string }

func (typedError) Error() string       { return "typed" }
func (e typedError) ErrorType() string { return e.name }

func TestRecordErrorSortsErrorsIntoRegisteredTypes(t *testing.T) {
	tests := map[string]struct {
		err  error
		want string
	}{
		"a registered target, wrapped":          {fmt.Errorf("pay: %w", errDeclined), "payment_declined"},
		"an error that names a registered type": {typedError{"payment_declined"}, "payment_declined"},
		"an error that names an unknown type":   {typedError{"user 4711"}, "other"},
		"a deadline":                            {fmt.Errorf("call: %w", context.DeadlineExceeded), "timeout"},
		"a timeout of the network":              {&url.Error{Op: "Get", Err: timeoutError{}}, "timeout"},
		"a cancellation":                        {context.Canceled, "canceled"},
		"a lost connection":                     {fmt.Errorf("find: %w", sql.ErrConnDone), "database"},
		"anything else":                         {errors.New("boom"), "other"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := telemetrytest.New(t, telemetry.WithErrorType("payment_declined", errDeclined))
			mux := r.NewServeMux()
			mux.HandleFunc("POST /pay", func(w http.ResponseWriter, req *http.Request) {
				r.RecordError(req.Context(), test.err, zap.Int("attempt", 2))
				w.WriteHeader(http.StatusInternalServerError)
			})
			response := httptest.NewRecorder()
			r.Handler(mux).ServeHTTP(response, httptest.NewRequest(http.MethodPost, "/pay", nil))

			r.WantValue(`tutorflow_errors_total{endpoint="/pay",error_type="`+test.want+`"}`, "1")
			r.WantValue(`tutorflow_errors_total{endpoint="/pay",error_type="server_error"}`, "0")
			line := r.Logs()[0]
			if line["logger"] != "tutorflow.error" || line["error_type"] != test.want || line["endpoint"] != "/pay" || line["attempt"] != 2.0 {
				t.Errorf("the line is %v", line)
			}
			if function := line["function"]; function != "TestRecordErrorSortsErrorsIntoRegisteredTypes.func1.1" {
				t.Errorf("the line names the function %v", function)
			}
		})
	}
}

type timeoutError struct{}

func (timeoutError) Timeout() bool { return true }
func (timeoutError) Error() string { return "slow" }

func TestErrorOutsideARequestHasTheEndpointUnmatched(t *testing.T) {
	r := telemetrytest.New(t)
	r.RecordError(t.Context(), errors.New("nightly job"))
	r.RecordError(t.Context(), nil)
	r.WantValue(`tutorflow_errors_total{endpoint="unmatched",error_type="other"}`, "1")
}

func TestDeclaredRoutesOfAnotherRouterStartAtZero(t *testing.T) {
	r := telemetrytest.New(t, telemetry.WithRoutes("GET /a/{id}", "DELETE /a/{id}"),
		telemetry.WithRoute(func(req *http.Request) string { return req.Header.Get("Test-Route") }))
	r.WantValue(`tutorflow_http_requests_total{endpoint="/a/{id}",method="DELETE",status="500"}`, "0")
	r.WantValue(`tutorflow_http_request_duration_seconds_count{endpoint="/a/{id}",method="GET"}`, "0")

	request := httptest.NewRequest(http.MethodGet, "/a/7", nil)
	request.Header.Set("Test-Route", "/a/{id}")
	r.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(httptest.NewRecorder(), request)
	r.WantValue(`tutorflow_http_requests_total{endpoint="/a/{id}",method="GET",status="200"}`, "1")
}

func TestExternalCallsAreCountedTimedAndLogged(t *testing.T) {
	r := telemetrytest.New(t, telemetry.WithExternalServices(catalog.ExternalService{Name: "maps", Operations: []string{"route"}}))
	partner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusConflict) }))
	defer partner.Close()

	client := &http.Client{Transport: r.Transport("toss_payments", nil)}
	request, _ := http.NewRequestWithContext(telemetry.WithOperation(t.Context(), "confirm"), http.MethodPost, partner.URL, nil)
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	client.CloseIdleConnections()
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()

	failed := errors.New("no")
	if err := r.ExternalCall(t.Context(), "maps", "route", func(context.Context) error { return failed }); !errors.Is(err, failed) {
		t.Errorf("ExternalCall: %v, want %v", err, failed)
	}
	r.WantValue(`tutorflow_external_service_calls_total{operation="confirm",service="toss_payments",status="error"}`, "1")
	r.WantValue(`tutorflow_external_service_calls_total{operation="route",service="maps",status="error"}`, "1")
	r.WantValue(`tutorflow_external_service_duration_seconds_count{operation="route",service="maps"}`, "1")
	for _, line := range r.Logs() {
		if line["logger"] != "tutorflow.external" || line["status"] != "error" {
			t.Errorf("the line is %v", line)
		}
	}
}

func TestObserveDBRefusesNilAndASecondPoolOfTheName(t *testing.T) {
	r := telemetrytest.New(t)
	if _, err := r.ObserveDB("primary", nil); err == nil {
		t.Error("a nil pool is accepted")
	}
	stop, err := r.ObserveDB("primary", openPool(t))
	if err != nil {
		t.Fatal(err)
	}
	r.WantValue(`tutorflow_db_connections_max{pool="primary"}`, "7")
	if _, err := r.ObserveDB("primary", openPool(t)); err == nil {
		t.Error("a second pool of the name is accepted")
	}
	if err := errors.Join(stop(), stop()); err != nil {
		t.Error(err)
	}
	if _, there := r.Value(`tutorflow_db_connections_max{pool="primary"}`); there {
		t.Error("the series is still there after its undo")
	}
}

func TestDisabledLeavesHandlersAndTransportsAsTheyAre(t *testing.T) {
	r := telemetrytest.New(t, telemetry.WithConfig(func(c *telemetry.Config) { c.Disabled = true }))
	bare := http.NewServeMux()
	if r.Handler(bare) != http.Handler(bare) {
		t.Error("Handler wraps")
	}
	base := &http.Transport{}
	if r.Transport("toss_payments", base) != http.RoundTripper(base) {
		t.Error("Transport wraps")
	}
	if status := get(t, r.NewServeMux(), "/metrics").Code; status != http.StatusNotFound {
		t.Errorf("/metrics: status %d, want 404", status)
	}
	r.Bookings.Add(t.Context(), catalog.BookingPending)
	telemetry.Log(t.Context()).Info("nowhere")
	r.Logger().Info("logs stay")
	r.RecordError(t.Context(), errors.New("errors stay"))
	r.Event(t.Context(), "events_stay")
	if logs := r.Logs(); len(logs) != 3 {
		t.Errorf("%d lines, want 3", len(logs))
	}
}
