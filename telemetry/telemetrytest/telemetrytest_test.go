package telemetrytest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/catalog"
	"github.com/tutorflow/observability/telemetry/telemetrytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// spy is a test that notes its failures instead of failing.
type spy struct {
	testing.TB
	errors []string
}

func (s *spy) Helper() {}
func (s *spy) Errorf(format string, args ...any) {
	s.errors = append(s.errors, fmt.Sprintf(format, args...))
}

func TestWantValueTellsAWrongValueAndAMissingSeries(t *testing.T) {
	s := &spy{TB: t}
	r := telemetrytest.New(s)
	r.Payments.Add(t.Context(), catalog.PaymentPaid)
	r.WantValue(`tutorflow_payments_total{status="paid"}`, "1")
	if len(s.errors) > 0 {
		t.Errorf("the right value is an error: %q", s.errors)
	}
	r.WantValue(`tutorflow_payments_total{status="paid"}`, "2")
	r.WantValue(`tutorflow_payments_total{status="stolen"}`, "1")
	want := []string{
		`tutorflow_payments_total{status="paid"} is 1, want 2`,
		`tutorflow_payments_total{status="stolen"} is not on the scrape, want 1`,
	}
	if strings.Join(s.errors, "\n") != strings.Join(want, "\n") {
		t.Errorf("the errors are %q, want %q", s.errors, want)
	}
}

func TestExpositionIsCutToTheMetricsAskedFor(t *testing.T) {
	r := telemetrytest.New(t)
	got := r.Exposition(catalog.Reviews, catalog.Attendance)
	want := `tutorflow_attendance_marked_total{status="attended"} 0
tutorflow_attendance_marked_total{status="cancelled"} 0
tutorflow_attendance_marked_total{status="no_show"} 0
tutorflow_reviews_total 0
`
	if got != want {
		t.Errorf("the exposition is\n%s, want\n%s", got, want)
	}
}

func TestRecordersOfParallelTestsDoNotMeet(t *testing.T) {
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			r := telemetrytest.New(t)
			handler := r.Handler(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
				telemetry.Log(req.Context()).Info(fmt.Sprint("test ", i))
				r.Reviews.Add(req.Context())
			}))
			handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
			r.WantValue("tutorflow_reviews_total", "1")
			if logs := r.Logs(); len(logs) != 2 || logs[0]["message"] != fmt.Sprint("test ", i) {
				t.Errorf("the lines are %v", logs)
			}
		})
	}
}
