package traffic

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

// The numbers that the example's database and partners agree with.
const (
	tutors = 8
	users  = 500
	// declinedAmount ends in 13, which the stand-in for Toss declines.
	declinedAmount = 45013
)

// choose picks the next request, by weights that sum to 100.
func choose(random *rand.Rand, known *lessons) request {
	n := random.IntN(100)
	for _, choice := range []struct {
		weight int
		make   func(*rand.Rand, *lessons) (request, bool)
	}{
		{19, listBookings}, {15, getBooking}, {18, getTutor}, {14, createBooking}, {11, approve},
		{1, reject}, {8, pay}, {6, attend}, {4, review}, {2, cancelBooking}, {1, missing}, {1, senseless},
	} {
		if n -= choice.weight; n >= 0 {
			continue
		}
		if r, ok := choice.make(random, known); ok {
			return r
		}
		break
	}
	r, _ := createBooking(random, known) // so that there is something to work on
	return r
}

func listBookings(random *rand.Rand, _ *lessons) (request, bool) {
	paths := []string{"api/v1/bookings", "api/v1/bookings?limit=50", "api/v1/bookings?status=pending", "api/v1/bookings?status=completed&limit=10"}
	return request{method: http.MethodGet, path: paths[random.IntN(len(paths))]}, true
}

func getBooking(random *rand.Rand, known *lessons) (request, bool) {
	id, ok := known.look(&known.recent, random.IntN(maxKnown))
	return request{method: http.MethodGet, path: fmt.Sprintf("api/v1/bookings/%d", id)}, ok
}

func getTutor(random *rand.Rand, _ *lessons) (request, bool) {
	return request{method: http.MethodGet, path: fmt.Sprintf("api/v1/tutors/%d", 1+random.IntN(tutors))}, true
}

func createBooking(random *rand.Rand, known *lessons) (request, bool) {
	// At the full minute, one hour to ninety days ahead.
	starts := time.Now().UTC().Truncate(time.Minute).Add(time.Duration(60+random.IntN(90*24*60)) * time.Minute)
	r := request{
		method: http.MethodPost,
		path:   "api/v1/bookings",
		body: fmt.Sprintf(`{"tutor_id":%d,"starts_at":%q,"minutes":%d}`,
			1+random.IntN(tutors), starts.Format(time.RFC3339), 30*(1+random.IntN(4))),
		then: func(status int, id int64) {
			if status == http.StatusCreated {
				known.put(&known.pending, id)
				known.put(&known.recent, id)
			}
		},
	}
	switch user := 1 + random.IntN(users); random.IntN(5) {
	case 0, 1: // logs in
		r.authorization = fmt.Sprintf("Kakao code-%d", user)
	case 2, 3: // has logged in before
		r.authorization = fmt.Sprintf("Bearer kakao-%d", user)
	}
	return r, true
}

func approve(_ *rand.Rand, known *lessons) (request, bool) {
	id, from := known.take(&known.pending)
	path := fmt.Sprintf("api/v1/bookings/%d/approve", id)
	return request{method: http.MethodPatch, path: path, then: known.moved(id, from, &known.approved)}, from != nil
}

func reject(_ *rand.Rand, known *lessons) (request, bool) {
	id, from := known.take(&known.pending)
	path := fmt.Sprintf("api/v1/bookings/%d/reject", id)
	return request{method: http.MethodPatch, path: path, then: known.moved(id, from, nil)}, from != nil
}

// cancelBooking prefers what was paid for, so that refunds are seen.
func cancelBooking(_ *rand.Rand, known *lessons) (request, bool) {
	id, from := known.take(&known.paid, &known.approved, &known.pending)
	path := fmt.Sprintf("api/v1/bookings/%d", id)
	return request{method: http.MethodDelete, path: path, then: known.moved(id, from, nil)}, from != nil
}

// pay uses a card that is declined every tenth time.
func pay(random *rand.Rand, known *lessons) (request, bool) {
	amount := 1000 * (30 + random.IntN(60))
	if random.IntN(10) == 0 {
		amount = declinedAmount
	}
	id, from := known.take(&known.approved)
	body := fmt.Sprintf(`{"booking_id":%d,"payment_key":"pay_%08x","amount":%d}`, id, random.Uint32(), amount)
	return request{method: http.MethodPost, path: "api/v1/payments", body: body, then: known.moved(id, from, &known.paid)}, from != nil
}

func attend(random *rand.Rand, known *lessons) (request, bool) {
	status, to := "attended", &known.held
	switch random.IntN(20) {
	case 0, 1:
		status, to = "no_show", nil
	case 2:
		status, to = "cancelled", nil
	}
	id, from := known.take(&known.paid)
	body := fmt.Sprintf(`{"booking_id":%d,"status":%q}`, id, status)
	return request{method: http.MethodPost, path: "api/v1/attendance", body: body, then: known.moved(id, from, to)}, from != nil
}

func review(random *rand.Rand, known *lessons) (request, bool) {
	id, from := known.take(&known.held)
	body := fmt.Sprintf(`{"booking_id":%d,"rating":%d,"comment":"thank you"}`, id, 5-min(random.IntN(8), random.IntN(8), 4))
	return request{method: http.MethodPost, path: "api/v1/reviews", body: body, then: known.moved(id, from, nil)}, from != nil
}

// missing asks for what is not there.
func missing(random *rand.Rand, _ *lessons) (request, bool) {
	paths := []string{"api/v1/bookings/999999999", "api/v1/tutors/999", "api/v1/coupons"}
	return request{method: http.MethodGet, path: paths[random.IntN(len(paths))]}, true
}

// senseless sends what the API has to refuse.
func senseless(random *rand.Rand, _ *lessons) (request, bool) {
	requests := []request{
		{method: http.MethodPost, path: "api/v1/bookings", body: "{"},
		{method: http.MethodPost, path: "api/v1/payments", body: `{"booking_id":1,"payment_key":"k","amount":1}`},
		{method: http.MethodPost, path: "api/v1/attendance", body: `{"booking_id":1,"status":"asleep"}`},
		{method: http.MethodGet, path: "api/v1/bookings?limit=0"},
		{method: http.MethodPut, path: "api/v1/bookings"},
	}
	return requests[random.IntN(len(requests))], true
}

// moved puts a booking where it belongs once the answer is there: into to, if
// anywhere, after success, and back after a fault or a declined card. What the
// API refused otherwise is forgotten.
func (l *lessons) moved(id int64, from, to *ids) func(int, int64) {
	return func(status int, _ int64) {
		switch {
		case status == 0 || status == http.StatusPaymentRequired || status >= http.StatusInternalServerError:
			l.put(from, id)
		case status < http.StatusMultipleChoices && to != nil:
			l.put(to, id)
		}
	}
}
