package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tutorflow/observability/examples/tutorflow/partners"
	"github.com/tutorflow/observability/examples/tutorflow/store"
)

const week = 7 * 24 * time.Hour

func newBooking(tutor int, wait time.Duration, minutes int) string {
	return fmt.Sprintf(`{"tutor_id":%d,"starts_at":%q,"minutes":%d}`, tutor, time.Now().Add(wait).UTC().Format(time.RFC3339), minutes)
}

func TestLessonFromBookingToReview(t *testing.T) {
	s := newService(t)
	created := s.must(201, "POST", "/api/v1/bookings", newBooking(3, week, 60), "Authorization", "Kakao code-42")
	if created["student_id"] != "42" || created["status"] != "pending" {
		t.Errorf("booking: %v", created)
	}
	id := int64(created["booking_id"].(float64))
	path := fmt.Sprintf("/api/v1/bookings/%d", id)
	s.must(200, "PATCH", path+"/approve", "")
	payment := fmt.Sprintf(`{"booking_id":%d,"payment_key":"key","amount":%%d}`, id)
	s.must(402, "POST", "/api/v1/payments", fmt.Sprintf(payment, 52013))
	s.must(201, "POST", "/api/v1/payments", fmt.Sprintf(payment, 52000))
	s.must(409, "POST", "/api/v1/payments", fmt.Sprintf(payment, 52000))
	s.must(201, "POST", "/api/v1/attendance", fmt.Sprintf(`{"booking_id":%d,"status":"attended"}`, id))
	s.must(201, "POST", "/api/v1/reviews", fmt.Sprintf(`{"booking_id":%d,"rating":4,"comment":"고맙습니다"}`, id))
	if got := s.must(200, "GET", path, ""); got["status"] != "completed" {
		t.Errorf("booking at the end: %v", got)
	}
	if got := s.must(200, "GET", "/api/v1/tutors/3", ""); got["rating"] != 4.0 {
		t.Errorf("tutor at the end: %v", got)
	}
	want := []string{
		"booking pending", "booking approved",
		"payment pending", "payment failed", "payment pending", "payment paid",
		"attendance attended", "booking in_progress", "review created", "booking completed",
	}
	if diff := cmp.Diff(want, s.journal.take()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestCancellingRefunds(t *testing.T) {
	tests := map[string]struct {
		wait     time.Duration
		fault    partners.Fault
		refunded float64
		status   string
		events   []string
	}{
		"everything a week before": {week, partners.Fault{}, 50001, "refunded",
			[]string{"booking cancelled", "payment refunded"}},
		"half, rounded up, an hour before": {time.Hour, partners.Fault{}, 25001, "partially_refunded",
			[]string{"booking cancelled", "payment partially_refunded"}},
		"nothing yet while Toss is out of order": {week, partners.Fault{Status: 500}, 0, "",
			[]string{"booking cancelled", "failed toss_payments cancel: status 500 UNAVAILABLE"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newService(t)
			id := s.booking(test.wait, store.BookingApproved)
			s.must(201, "POST", "/api/v1/payments", fmt.Sprintf(`{"booking_id":%d,"payment_key":"key","amount":50001}`, id))
			s.journal.take()
			s.partners.Toss.SetFault(test.fault)
			answer := s.must(200, "DELETE", fmt.Sprintf("/api/v1/bookings/%d", id), "")
			if answer["status"] != "cancelled" {
				t.Errorf("booking: %v", answer)
			}
			payment, _ := answer["payment"].(map[string]any)
			if test.status == "" != (payment == nil) || payment != nil && (payment["status"] != test.status || payment["refunded"] != test.refunded) {
				t.Errorf("payment: %v", payment)
			}
			if diff := cmp.Diff(test.events, s.journal.take()); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	s := newService(t)
	pending := s.booking(week)
	rejected := s.booking(2*week, store.BookingRejected)
	taken, err := s.store.Booking(t.Context(), pending)
	if err != nil {
		t.Fatal(err)
	}
	ref := func(format string, id int64) string { return fmt.Sprintf(format, id) }
	tests := map[string]struct {
		method, path, body string
		headers            []string
		status             int
		message            string
	}{
		"a body that is no JSON":           {"POST", "/api/v1/bookings", "{", nil, 400, "one JSON object"},
		"no body":                          {"POST", "/api/v1/reviews", "", nil, 400, "one JSON object"},
		"two bodies":                       {"POST", "/api/v1/reviews", `{"booking_id":1,"rating":5}{}`, nil, 400, "one JSON object"},
		"a field that is not known":        {"POST", "/api/v1/attendance", `{"booking":1}`, nil, 400, "known fields"},
		"a body of 65 kB":                  {"POST", "/api/v1/reviews", `{"comment":"` + strings.Repeat("x", 65<<10) + `"}`, nil, 413, "64 kB"},
		"65 kB after the body":             {"POST", "/api/v1/reviews", `{}` + strings.Repeat(" ", 65<<10), nil, 413, "64 kB"},
		"a booking without a tutor":        {"POST", "/api/v1/bookings", newBooking(0, week, 60), nil, 422, "tutor_id"},
		"a booking in the past":            {"POST", "/api/v1/bookings", newBooking(1, -time.Hour, 60), nil, 422, "starts_at"},
		"a booking of a minute":            {"POST", "/api/v1/bookings", newBooking(1, week, 1), nil, 422, "minutes"},
		"a booking with an unknown tutor":  {"POST", "/api/v1/bookings", newBooking(999, week, 60), nil, 404, "no such"},
		"a booking of a taken slot":        {"POST", "/api/v1/bookings", fmt.Sprintf(`{"tutor_id":1,"minutes":30,"starts_at":%q}`, taken.StartsAt.Format(time.RFC3339Nano)), nil, 409, "state"},
		"a token that Kakao does not know": {"POST", "/api/v1/bookings", newBooking(1, week, 60), []string{"Authorization", "Bearer s3cret"}, 401, "Kakao"},
		"a code that Kakao does not know":  {"POST", "/api/v1/bookings", newBooking(1, week, 60), []string{"Authorization", "Kakao s3cret"}, 401, "Kakao"},
		"a password":                       {"POST", "/api/v1/bookings", newBooking(1, week, 60), []string{"Authorization", "Basic s3cret"}, 401, "Bearer"},
		"a booking that is not there":      {"GET", "/api/v1/bookings/999999", "", nil, 404, "no such"},
		"a booking id that is no number":   {"GET", "/api/v1/bookings/x", "", nil, 400, "booking_id"},
		"a booking id below 1":             {"DELETE", "/api/v1/bookings/0", "", nil, 400, "booking_id"},
		"a listing of 101":                 {"GET", "/api/v1/bookings?limit=101", "", nil, 422, "limit"},
		"a listing of an unknown status":   {"GET", "/api/v1/bookings?status=lost", "", nil, 422, "status"},
		"a listing before nothing":         {"GET", "/api/v1/bookings?before=-1", "", nil, 422, "before"},
		"approving what is not there":      {"PATCH", "/api/v1/bookings/999999/approve", "", nil, 404, "no such"},
		"approving what was rejected":      {"PATCH", ref("/api/v1/bookings/%d/approve", rejected), "", nil, 409, "from rejected to approved"},
		"rejecting twice":                  {"PATCH", ref("/api/v1/bookings/%d/reject", rejected), "", nil, 409, "from rejected to rejected"},
		"cancelling what was rejected":     {"DELETE", ref("/api/v1/bookings/%d", rejected), "", nil, 409, "from rejected to cancelled"},
		"paying for a pending booking":     {"POST", "/api/v1/payments", ref(`{"booking_id":%d,"payment_key":"k","amount":1000}`, pending), nil, 409, "state"},
		"paying for what is not there":     {"POST", "/api/v1/payments", `{"booking_id":999999,"payment_key":"k","amount":1000}`, nil, 404, "no such"},
		"paying for nothing":               {"POST", "/api/v1/payments", `{"payment_key":"k","amount":1000}`, nil, 422, "booking_id"},
		"a payment key with a path in it":  {"POST", "/api/v1/payments", `{"booking_id":1,"payment_key":"../k","amount":1000}`, nil, 422, "payment_key"},
		"a payment of one won":             {"POST", "/api/v1/payments", `{"booking_id":1,"payment_key":"k","amount":1}`, nil, 422, "amount"},
		"a review of nothing":              {"POST", "/api/v1/reviews", `{"rating":5}`, nil, 422, "booking_id"},
		"six stars":                        {"POST", "/api/v1/reviews", `{"booking_id":1,"rating":6}`, nil, 422, "rating"},
		"a novel":                          {"POST", "/api/v1/reviews", `{"booking_id":1,"rating":5,"comment":"` + strings.Repeat("x", 2001) + `"}`, nil, 422, "comment"},
		"a review before the lesson":       {"POST", "/api/v1/reviews", ref(`{"booking_id":%d,"rating":5}`, pending), nil, 409, "to completed"},
		"an attendance of nothing":         {"POST", "/api/v1/attendance", `{"status":"attended"}`, nil, 422, "booking_id"},
		"an unknown attendance":            {"POST", "/api/v1/attendance", `{"booking_id":1,"status":"asleep"}`, nil, 422, "status"},
		"attendance before the approval":   {"POST", "/api/v1/attendance", ref(`{"booking_id":%d,"status":"attended"}`, pending), nil, 409, "from pending"},
		"an unknown tutor":                 {"GET", "/api/v1/tutors/999", "", nil, 404, "no such"},
		"a tutor id that does not fit":     {"GET", "/api/v1/tutors/99999999999999999999", "", nil, 400, "tutor_id"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := s.do(t.Context(), test.method, test.path, test.body, test.headers...)
			if w.Code != test.status || !strings.Contains(w.Body.String(), test.message) {
				t.Errorf("status %d, want %d with %q: %s", w.Code, test.status, test.message, w.Body)
			}
			if strings.Contains(w.Body.String(), "s3cret") || w.Header().Get("Content-Type") != "application/json" {
				t.Errorf("answer %v: %s", w.Header(), w.Body)
			}
			if events := s.journal.take(); events != nil {
				t.Errorf("events of a refused request: %q", events)
			}
		})
	}
}

func TestListingPages(t *testing.T) {
	s := newService(t)
	for i := range 3 {
		s.booking(time.Duration(i+1) * week)
	}
	first := s.must(200, "GET", "/api/v1/bookings?limit=2&status=pending", "")
	if n := len(first["bookings"].([]any)); n != 2 {
		t.Errorf("first page: %d bookings, want 2", n)
	}
	second := s.must(200, "GET", fmt.Sprintf("/api/v1/bookings?limit=2&before=%v", first["next_before"]), "")
	if n := len(second["bookings"].([]any)); n != 1 || second["next_before"] != nil {
		t.Errorf("second page: %v", second)
	}
	empty := s.must(200, "GET", "/api/v1/bookings?status=completed", "")
	if bookings, ok := empty["bookings"].([]any); !ok || len(bookings) != 0 {
		t.Errorf("empty page: %v", empty)
	}
}

func TestPartnersInTrouble(t *testing.T) {
	t.Run("a booking while Kakao fails", func(t *testing.T) {
		s := newService(t)
		s.partners.Kakao.SetFault(partners.Fault{Status: 503})
		s.must(502, "POST", "/api/v1/bookings", newBooking(1, week, 60), "Authorization", "Bearer kakao-42")
		s.must(201, "POST", "/api/v1/bookings", newBooking(1, week, 60))
		want := []string{"failed kakao_oauth user_info: status 503 UNAVAILABLE", "booking pending"}
		if diff := cmp.Diff(want, s.journal.take()); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
	t.Run("a payment while Toss fails can be made again", func(t *testing.T) {
		s := newService(t)
		body := fmt.Sprintf(`{"booking_id":%d,"payment_key":"key","amount":50000}`, s.booking(week, store.BookingApproved))
		s.partners.Toss.SetFault(partners.Fault{Status: 500})
		s.must(502, "POST", "/api/v1/payments", body)
		s.partners.Toss.SetFault(partners.Fault{})
		s.must(201, "POST", "/api/v1/payments", body)
		want := []string{"payment pending", "payment failed", "failed toss_payments confirm: status 500 UNAVAILABLE", "payment pending", "payment paid"}
		if diff := cmp.Diff(want, s.journal.take()); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
	t.Run("an approval while Alimtalk fails stands", func(t *testing.T) {
		s := newService(t)
		s.partners.Alimtalk.SetFault(partners.Fault{Status: 500})
		s.must(200, "PATCH", fmt.Sprintf("/api/v1/bookings/%d/approve", s.booking(week)), "")
		want := []string{"booking approved", "failed kakao_alimtalk send: status 500 UNAVAILABLE"}
		if diff := cmp.Diff(want, s.journal.take()); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
	t.Run("a login that hangs", func(t *testing.T) {
		s := newService(t)
		s.partners.Kakao.SetFault(partners.Fault{Hang: true})
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		w := s.do(ctx, "POST", "/api/v1/bookings", newBooking(1, week, 60), "Authorization", "Bearer kakao-42")
		if w.Code != http.StatusGatewayTimeout {
			t.Errorf("status %d, want 504", w.Code)
		}
	})
}

func TestClientThatIsGone(t *testing.T) {
	s := newService(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := s.do(ctx, "GET", "/api/v1/tutors/1", "")
	if w.Code != 499 || w.Body.Len() != 0 {
		t.Errorf("status %d with %q, want 499 without a body", w.Code, w.Body)
	}
	if events := s.journal.take(); events != nil {
		t.Errorf("events: %q", events)
	}
}

// A charge that has begun is settled, however the client leaves.
func TestPaymentOutlivesTheClient(t *testing.T) {
	s := newService(t)
	id := s.booking(week, store.BookingApproved)
	s.partners.Toss.SetFault(partners.Fault{Delay: 600 * time.Millisecond})
	ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
	defer cancel()
	s.do(ctx, "POST", "/api/v1/payments", fmt.Sprintf(`{"booking_id":%d,"payment_key":"key","amount":50000}`, id))
	if p, err := s.store.PaymentOf(t.Context(), id); err != nil || p.Status != store.PaymentPaid {
		t.Errorf("payment: %+v, %v", p, err)
	}
}

func TestBrokenDatabaseIsNotExplained(t *testing.T) {
	s := newService(t)
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	answer := s.must(500, "GET", "/api/v1/bookings", "")
	want := map[string]any{"error": map[string]any{"code": "internal", "message": "something went wrong"}}
	if diff := cmp.Diff(want, answer); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	if events := s.journal.take(); len(events) != 1 || !strings.Contains(events[0], "database is closed") {
		t.Errorf("events: %q", events)
	}
}
