package api

import (
	"net/http"

	"github.com/tutorflow/observability/examples/tutorflow/clients"
	"github.com/tutorflow/observability/examples/tutorflow/store"
	"github.com/tutorflow/observability/telemetry"
)

// Partners are the clients of the services that the API calls.
type Partners struct {
	Kakao    *clients.Kakao
	Toss     *clients.Toss
	Alimtalk *clients.Alimtalk
}

// API holds the handlers. It is safe for concurrent use.
type API struct {
	store    *store.Store
	partners Partners
	tel      *telemetry.Telemetry
}

// New makes the API; nothing may be nil.
func New(s *store.Store, partners Partners, tel *telemetry.Telemetry) *API {
	return &API{store: s, partners: partners, tel: tel}
}

// Router is what Register needs of a mux; *http.ServeMux is one. Its path
// values must reach the request.
type Router interface {
	HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request))
}

// Register adds the ten routes to mux.
func (a *API) Register(mux Router) {
	mux.HandleFunc("POST /api/v1/bookings", a.handle(a.createBooking))
	mux.HandleFunc("GET /api/v1/bookings", a.handle(a.listBookings))
	mux.HandleFunc("GET /api/v1/bookings/{booking_id}", a.handle(a.getBooking))
	mux.HandleFunc("DELETE /api/v1/bookings/{booking_id}", a.handle(a.cancelBooking))
	mux.HandleFunc("PATCH /api/v1/bookings/{booking_id}/approve", a.handle(a.approveBooking))
	mux.HandleFunc("PATCH /api/v1/bookings/{booking_id}/reject", a.handle(a.rejectBooking))
	mux.HandleFunc("POST /api/v1/payments", a.handle(a.createPayment))
	mux.HandleFunc("POST /api/v1/reviews", a.handle(a.createReview))
	mux.HandleFunc("POST /api/v1/attendance", a.handle(a.markAttendance))
	mux.HandleFunc("GET /api/v1/tutors/{tutor_id}", a.handle(a.getTutor))
}

// handle turns the error of a handler into its answer.
func (a *API) handle(h func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			a.refuse(w, r, err)
		}
	}
}
