package api

import (
	"net/http"
	"unicode/utf8"

	"github.com/tutorflow/observability/examples/tutorflow/store"
)

// maxComment is the length of a review's text, in characters.
const maxComment = 2000

func (a *API) createReview(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		BookingID int64  `json:"booking_id"`
		Rating    int    `json:"rating"`
		Comment   string `json:"comment"`
	}
	if err := decode(w, r, &body); err != nil {
		return err
	}
	switch {
	case body.BookingID < 1:
		return invalid("booking_id", "a positive whole number")
	case body.Rating < 1 || body.Rating > 5:
		return invalid("rating", "1 to 5")
	case utf8.RuneCountInString(body.Comment) > maxComment:
		return invalid("comment", "at most 2000 characters")
	}
	review, booking, err := a.store.CreateReview(r.Context(), body.BookingID, body.Rating, body.Comment)
	if err != nil {
		return err
	}
	a.reviewCreated(r.Context(), review)
	a.bookingChanged(r.Context(), booking)
	answer(w, http.StatusCreated, review)
	return nil
}

func (a *API) markAttendance(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		BookingID int64                  `json:"booking_id"`
		Status    store.AttendanceStatus `json:"status"`
	}
	if err := decode(w, r, &body); err != nil {
		return err
	}
	switch {
	case body.BookingID < 1:
		return invalid("booking_id", "a positive whole number")
	case !body.Status.Valid():
		return invalid("status", "attended, no_show or cancelled")
	}
	attendance, booking, err := a.store.MarkAttendance(r.Context(), body.BookingID, body.Status)
	if err != nil {
		return err
	}
	a.attendanceMarked(r.Context(), attendance)
	a.bookingChanged(r.Context(), booking)
	answer(w, http.StatusCreated, attendance)
	return nil
}

func (a *API) getTutor(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "tutor_id")
	if err != nil {
		return err
	}
	tutor, err := a.store.Tutor(r.Context(), id)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, tutor)
	return nil
}
