package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/telemetrytest"
)

// TestTheREADMEsRecipeKeepsTheRoutesOfChi follows README.md to the letter.
func TestTheREADMEsRecipeKeepsTheRoutesOfChi(t *testing.T) {
	r := telemetrytest.New(t, telemetry.WithRoutes("GET /lessons/{id}"))
	router := chi.NewRouter()
	router.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() { telemetry.SetRoute(r.Context(), chi.RouteContext(r.Context()).RoutePattern()) }()
			next.ServeHTTP(w, r)
		})
	})
	router.Get("/lessons/{id}", func(http.ResponseWriter, *http.Request) {})
	router.Route("/admin", func(sub chi.Router) {
		sub.Get("/boom/{id}", func(http.ResponseWriter, *http.Request) { panic("boom") })
	})
	handler := r.Handler(router)
	for _, path := range []string{"/lessons/7", "/admin/boom/7", "/nothing"} {
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	}
	r.WantValue(`tutorflow_http_requests_total{endpoint="/lessons/{id}",method="GET",status="200"}`, "1")
	r.WantValue(`tutorflow_http_requests_total{endpoint="/admin/boom/{id}",method="GET",status="500"}`, "1")
	r.WantValue(`tutorflow_errors_total{endpoint="/admin/boom/{id}",error_type="panic"}`, "1")
	r.WantValue(`tutorflow_http_requests_total{endpoint="unmatched",method="GET",status="404"}`, "1")
}
