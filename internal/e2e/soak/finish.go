package main

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// finish ends the service under load, and returns what was lost with it.
func (s *soak) finish(ctx context.Context) (wrong []string) {
	defer s.collector.Close()
	s.load.start(ctx, s.service.url)
	time.Sleep(2 * time.Second)
	if err := s.service.terminate(); err != nil {
		wrong = append(wrong, fmt.Sprintf("the service ended with %v, want exit status 0", err))
	}
	s.load.stop()

	// A request that was sent while the listener closed has no answer, and was
	// not served either.
	answers, _ := s.load.seen()
	served := 0
	for _, n := range answers {
		served += n
	}
	counted := s.pushed(ofLoad)
	if counted != served {
		wrong = append(wrong, fmt.Sprintf("the clients got %d answers, the last export says %d", served, counted))
	}
	for _, c := range []struct{ query, metric, status string }{
		{"SELECT count(*) FROM bookings", "tutorflow_bookings_total", "pending"},
		{"SELECT count(*) FROM payments", "tutorflow_payments_total", "pending"},
		{"SELECT count(*) FROM attendance", "tutorflow_attendance_marked_total", "attended"},
		{"SELECT count(*) FROM reviews", "tutorflow_reviews_total", ""},
	} {
		rows, err := s.count(c.query)
		labels := map[string]string{}
		if c.status != "" {
			labels["status"] = c.status
		}
		value, _ := s.collector.Value(c.metric, labels)
		if err != nil || rows == 0 || float64(rows) != value {
			wrong = append(wrong, fmt.Sprintf("%s: %d rows (%v), the last export of %s says %v", c.query, rows, err, c.metric, value))
		}
	}
	return wrong
}

func (s *soak) count(query string) (rows int, err error) {
	db, err := sql.Open("sqlite", s.database)
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	return rows, db.QueryRow(query).Scan(&rows)
}
