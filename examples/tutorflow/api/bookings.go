package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/tutorflow/observability/examples/tutorflow/store"
)

func (a *API) createBooking(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		TutorID  int64     `json:"tutor_id"`
		StartsAt time.Time `json:"starts_at"`
		Minutes  int       `json:"minutes"`
	}
	if err := decode(w, r, &body); err != nil {
		return err
	}
	switch {
	case body.TutorID < 1:
		return invalid("tutor_id", "a positive whole number")
	case !body.StartsAt.After(time.Now()):
		return invalid("starts_at", "in the future")
	case body.Minutes < store.MinMinutes || body.Minutes > store.MaxMinutes:
		return invalid("minutes", "30 to 240")
	}
	user, err := a.user(r)
	if err != nil {
		return err
	}
	booking, err := a.store.CreateBooking(r.Context(), store.NewBooking{
		TutorID: body.TutorID, StudentID: user, StartsAt: body.StartsAt, Minutes: body.Minutes,
	})
	if err != nil {
		return err
	}
	a.bookingChanged(r.Context(), booking)
	w.Header().Set("Location", "/api/v1/bookings/"+strconv.FormatInt(booking.ID, 10))
	answer(w, http.StatusCreated, booking)
	return nil
}

func (a *API) getBooking(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "booking_id")
	if err != nil {
		return err
	}
	booking, err := a.store.Booking(r.Context(), id)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, booking)
	return nil
}

// defaultPage is the number of bookings in a listing that asks for none.
const defaultPage = 20

// listBookings answers with the newest bookings; next_before, when there is
// one, is the before of the next page.
func (a *API) listBookings(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	page := store.BookingPage{Status: store.BookingStatus(query.Get("status")), Limit: defaultPage}
	if page.Status != "" && !page.Status.Valid() {
		return invalid("status", "pending, approved, in_progress, completed, cancelled or rejected")
	}
	if text := query.Get("limit"); text != "" {
		limit, err := strconv.Atoi(text)
		if err != nil || limit < 1 || limit > store.MaxPage {
			return invalid("limit", "1 to "+strconv.Itoa(store.MaxPage))
		}
		page.Limit = limit
	}
	if text := query.Get("before"); text != "" {
		before, err := strconv.ParseInt(text, 10, 64)
		if err != nil || before < 1 {
			return invalid("before", "a positive whole number")
		}
		page.Before = before
	}
	bookings, err := a.store.Bookings(r.Context(), page)
	if err != nil {
		return err
	}
	body := struct {
		Bookings   []store.Booking `json:"bookings"`
		NextBefore int64           `json:"next_before,omitzero"`
	}{Bookings: bookings}
	if len(bookings) == page.Limit {
		body.NextBefore = bookings[len(bookings)-1].ID
	}
	answer(w, http.StatusOK, body)
	return nil
}

func (a *API) approveBooking(w http.ResponseWriter, r *http.Request) error {
	return a.decide(w, r, store.BookingApproved, "booking_approved")
}

func (a *API) rejectBooking(w http.ResponseWriter, r *http.Request) error {
	return a.decide(w, r, store.BookingRejected, "booking_rejected")
}

// decide moves a booking to what its tutor decided and tells the student.
func (a *API) decide(w http.ResponseWriter, r *http.Request, to store.BookingStatus, template string) error {
	id, err := pathID(r, "booking_id")
	if err != nil {
		return err
	}
	booking, err := a.store.MoveBooking(r.Context(), id, to)
	if err != nil {
		return err
	}
	a.bookingChanged(r.Context(), booking)
	a.notify(r.Context(), booking.StudentID, template)
	answer(w, http.StatusOK, booking)
	return nil
}
