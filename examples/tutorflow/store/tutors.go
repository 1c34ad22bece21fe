package store

import (
	"context"
	"fmt"
)

// Tutor is a teacher. Eight of them come with the schema, with ids from 1 on.
type Tutor struct {
	ID         int64   `json:"tutor_id"`
	Name       string  `json:"name"`
	Subject    string  `json:"subject"`
	HourlyRate int64   `json:"hourly_rate"` // won
	Rating     float64 `json:"rating"`      // mean of all reviews, 0 without any
	Reviews    int64   `json:"reviews"`
}

// Tutor returns one tutor with the mean of their reviews, or ErrNotFound.
func (s *Store) Tutor(ctx context.Context, id int64) (Tutor, error) {
	const query = `SELECT t.id, t.name, t.subject, t.hourly_rate,
			CAST(COALESCE(AVG(r.rating), 0) AS DOUBLE PRECISION), COUNT(r.id)
		FROM tutors t LEFT JOIN reviews r ON r.tutor_id = t.id
		WHERE t.id = $1 GROUP BY t.id, t.name, t.subject, t.hourly_rate`
	var t Tutor
	err := s.db.QueryRowContext(ctx, query, id).Scan(&t.ID, &t.Name, &t.Subject, &t.HourlyRate, &t.Rating, &t.Reviews)
	return t, wrap(ctx, fmt.Sprintf("get tutor %d", id), err)
}
