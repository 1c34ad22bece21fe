package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// workers is how many clients there are. Most of them wait for a partner.
const workers = 24

// answer is what a client got.
type answer struct {
	method string
	status int
}

// load are clients that send one request after the other and remember the
// answers.
type load struct {
	client *http.Client
	url    string
	slots  atomic.Int64
	end    context.CancelFunc
	going  sync.WaitGroup

	mu      sync.Mutex
	answers map[answer]int
	// failed are requests without an answer.
	failed int
}

func newLoad() *load {
	return &load{
		client:  &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: workers}, Timeout: patience},
		answers: make(map[answer]int),
		end:     func() {},
	}
}

func (l *load) start(ctx context.Context, url string) {
	l.url = url
	ctx, l.end = context.WithCancel(ctx)
	for range workers {
		l.going.Go(func() {
			for ctx.Err() == nil {
				l.lesson()
			}
		})
	}
}

// stop waits for the answers that are missing.
func (l *load) stop() {
	l.end()
	l.going.Wait()
	l.client.CloseIdleConnections()
}

// lesson is a lesson from its booking to its review, with some looking around.
func (l *load) lesson() {
	starts := time.Now().UTC().Truncate(time.Minute).Add(time.Duration(60+l.slots.Add(1)) * time.Minute)
	id := l.send(http.MethodPost, "bookings", fmt.Sprintf(`{"tutor_id":%d,"starts_at":%q,"minutes":60}`, 1+starts.Minute()%8, starts.Format(time.RFC3339)))
	for range 5 {
		l.send(http.MethodGet, "bookings?limit=5", "")
		l.send(http.MethodGet, fmt.Sprint("tutors/", 1+starts.Minute()%8), "")
	}
	booking := fmt.Sprint("bookings/", id)
	l.send(http.MethodGet, booking, "")
	l.send(http.MethodPatch, booking+"/approve", "")
	l.send(http.MethodPost, "payments", fmt.Sprintf(`{"booking_id":%d,"payment_key":"pay_%d","amount":50000}`, id, id))
	l.send(http.MethodPost, "attendance", fmt.Sprintf(`{"booking_id":%d,"status":"attended"}`, id))
	l.send(http.MethodPost, "reviews", fmt.Sprintf(`{"booking_id":%d,"rating":5,"comment":"thank you"}`, id))
}

// send returns the booking in the answer, or 0.
func (l *load) send(method, path, body string) (bookingID int64) {
	var got struct {
		BookingID int64 `json:"booking_id"`
	}
	status, err := l.do(method, l.url+"/api/v1/"+path, body, &got)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.failed++
		return 0
	}
	l.answers[answer{method, status}]++
	return got.BookingID
}

func (l *load) do(method, url, body string, got any) (status int, err error) {
	// Not ended with the load: a client that leaves is one of the faults.
	request, err := http.NewRequestWithContext(context.Background(), method, url, bytes.NewReader([]byte(body)))
	if err != nil {
		return 0, err
	}
	response, err := l.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode < http.StatusBadRequest {
		_ = json.Unmarshal(text, got) // a list has no id
	}
	return response.StatusCode, err
}

// seen returns the answers so far, and how many requests had none.
func (l *load) seen() (answers map[answer]int, failed int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	answers = make(map[answer]int, len(l.answers))
	for a, n := range l.answers {
		answers[a] = n
	}
	return answers, l.failed
}
