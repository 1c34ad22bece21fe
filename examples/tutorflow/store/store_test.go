package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/trace"

	"github.com/tutorflow/observability/examples/tutorflow/store"
)

// postgresVariable names the environment variable that holds the DSN of a
// PostgreSQL database the tests may fill. Without it they run on SQLite only.
const postgresVariable = "TUTORFLOW_TEST_POSTGRES"

var start = time.Date(2030, 3, 1, 9, 0, 0, 0, time.UTC)

// onEach runs test on an empty store of each database.
func onEach(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	onEachTraced(t, nil, test)
}

func onEachTraced(t *testing.T, tracers trace.TracerProvider, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		test(t, open(t, filepath.Join(t.TempDir(), "test.db"), tracers))
	})
	t.Run("postgres", func(t *testing.T) {
		dsn := os.Getenv(postgresVariable)
		if dsn == "" {
			t.Skip(postgresVariable + " holds no DSN")
		}
		s := open(t, dsn, tracers)
		for _, table := range []string{"attendance", "reviews", "payments", "bookings"} {
			if _, err := s.DB().ExecContext(t.Context(), "DELETE FROM "+table); err != nil {
				t.Fatal(err)
			}
		}
		test(t, s)
	})
}

func open(t *testing.T, dsn string, tracers trace.TracerProvider) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dsn, tracers)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func book(t *testing.T, s *store.Store, to ...store.BookingStatus) store.Booking {
	t.Helper()
	b, err := s.CreateBooking(t.Context(), store.NewBooking{TutorID: 1, StudentID: "42", StartsAt: start, Minutes: 60})
	if err != nil {
		t.Fatal(err)
	}
	for _, status := range to {
		if b, err = s.MoveBooking(t.Context(), b.ID, status); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func TestOpenRefuses(t *testing.T) {
	tests := map[string]struct{ dsn, want string }{
		"a database that is not supported":       {"mysql://root:s3cret@localhost/x", "scheme"},
		"an in-memory database":                  {":memory:", "file path"},
		"options in the file path":               {"x.db?_pragma=s3cret", "?"},
		"a file in a folder that does not exist": {filepath.Join(t.TempDir(), "none", "x.db"), "open sqlite"},
		"a PostgreSQL URL that does not parse":   {"postgres://u:s3cret@%zz/x", "open postgres"},
		"a PostgreSQL option that does not":      {"postgres://u:s3cret@localhost/x?sslmode=s3cret", "open postgres"},
		"a PostgreSQL that is not there":         {"postgres://u:s3cret@127.0.0.1:1/x", "open postgres"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := store.Open(t.Context(), test.dsn, nil)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want an error with %q", err, test.want)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error tells a secret: %v", err)
			}
		})
	}
}

func TestOpenTwiceKeepsTheData(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	first := open(t, path, nil)
	b := book(t, first)
	got, err := open(t, path, nil).Booking(t.Context(), b.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b, got); diff != "" {
		t.Errorf("booking (-first +second):\n%s", diff)
	}
}

func TestEveryTransition(t *testing.T) {
	paths := map[store.BookingStatus][]store.BookingStatus{
		store.BookingPending:    nil,
		store.BookingApproved:   {store.BookingApproved},
		store.BookingRejected:   {store.BookingRejected},
		store.BookingCancelled:  {store.BookingCancelled},
		store.BookingInProgress: {store.BookingApproved, store.BookingInProgress},
		store.BookingCompleted:  {store.BookingApproved, store.BookingInProgress, store.BookingCompleted},
	}
	legal := map[string]bool{
		"pending→approved": true, "pending→rejected": true, "pending→cancelled": true,
		"approved→in_progress": true, "approved→cancelled": true, "in_progress→completed": true,
	}
	onEach(t, func(t *testing.T, s *store.Store) {
		for from, path := range paths {
			for to := range paths {
				step := fmt.Sprintf("%s→%s", from, to)
				b := book(t, s, path...)
				moved, err := s.MoveBooking(t.Context(), b.ID, to)
				if legal[step] {
					if err != nil || moved.Status != to {
						t.Errorf("%s: got %q and %v", step, moved.Status, err)
					}
				} else if e, ok := errors.AsType[*store.TransitionError](err); !ok || e.From != from || e.To != to || !errors.Is(err, store.ErrConflict) {
					t.Errorf("%s: got %v, want a TransitionError", step, err)
				}
				// The slot is free for the next round.
				if _, err := s.DB().ExecContext(t.Context(), "DELETE FROM bookings"); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

func TestRefusals(t *testing.T) {
	type call func(ctx context.Context, s *store.Store, b store.Booking) error
	tests := map[string]struct {
		path []store.BookingStatus
		call call
		want error
	}{
		"a booking with an unknown tutor": {nil, func(ctx context.Context, s *store.Store, b store.Booking) error {
			_, err := s.CreateBooking(ctx, store.NewBooking{TutorID: 999, StudentID: "1", StartsAt: start, Minutes: 60})
			return err
		}, store.ErrNotFound},
		"a booking of a taken slot": {nil, func(ctx context.Context, s *store.Store, b store.Booking) error {
			_, err := s.CreateBooking(ctx, store.NewBooking{TutorID: 1, StudentID: "1", StartsAt: start, Minutes: 60})
			return err
		}, store.ErrConflict},
		"a booking of a slot that was given up": {[]store.BookingStatus{store.BookingCancelled}, func(ctx context.Context, s *store.Store, b store.Booking) error {
			_, err := s.CreateBooking(ctx, store.NewBooking{TutorID: 1, StudentID: "1", StartsAt: start, Minutes: 60})
			return err
		}, nil},
		"a booking of five minutes": {nil, func(ctx context.Context, s *store.Store, b store.Booking) error {
			_, err := s.CreateBooking(ctx, store.NewBooking{TutorID: 2, StudentID: "1", StartsAt: start, Minutes: 5})
			return err
		}, store.ErrInvalid},
		"a booking that is not there": {nil, func(ctx context.Context, s *store.Store, b store.Booking) error {
			_, err := s.Booking(ctx, b.ID+1)
			return err
		}, store.ErrNotFound},
		"moving a booking that is not there": {nil, func(ctx context.Context, s *store.Store, b store.Booking) error {
			_, err := s.MoveBooking(ctx, b.ID+1, store.BookingApproved)
			return err
		}, store.ErrNotFound},
		"a page of 101": {nil, func(ctx context.Context, s *store.Store, b store.Booking) error {
			_, err := s.Bookings(ctx, store.BookingPage{Limit: 101})
			return err
		}, store.ErrInvalid},
		"paying for a pending booking": {nil, func(ctx context.Context, s *store.Store, b store.Booking) error {
			_, err := s.CreatePayment(ctx, b.ID, "key", 1000)
			return err
		}, store.ErrConflict},
		"paying for a booking that is not there": {nil, func(ctx context.Context, s *store.Store, b store.Booking) error {
			_, err := s.CreatePayment(ctx, b.ID+1, "key", 1000)
			return err
		}, store.ErrNotFound},
		"paying nothing": {[]store.BookingStatus{store.BookingApproved}, func(ctx context.Context, s *store.Store, b store.Booking) error {
			_, err := s.CreatePayment(ctx, b.ID, "key", 0)
			return err
		}, store.ErrInvalid},
		"settling a payment that is not there": {nil, func(ctx context.Context, s *store.Store, b store.Booking) error {
			_, err := s.SettlePayment(ctx, 1<<40, store.PaymentPaid)
			return err
		}, store.ErrNotFound},
		"settling a payment as refunded": {nil, func(ctx context.Context, s *store.Store, b store.Booking) error {
			_, err := s.SettlePayment(ctx, 1, store.PaymentRefunded)
			return err
		}, store.ErrInvalid},
		"the payment of an unpaid booking": {nil, func(ctx context.Context, s *store.Store, b store.Booking) error {
			_, err := s.PaymentOf(ctx, b.ID)
			return err
		}, store.ErrNotFound},
		"attendance of a pending booking": {nil, func(ctx context.Context, s *store.Store, b store.Booking) error {
			_, _, err := s.MarkAttendance(ctx, b.ID, store.Attended)
			return err
		}, store.ErrConflict},
		"cancelling a pending booking through attendance": {nil, func(ctx context.Context, s *store.Store, b store.Booking) error {
			_, _, err := s.MarkAttendance(ctx, b.ID, store.AttendanceCancelled)
			return err
		}, store.ErrConflict},
		"an unknown attendance": {nil, func(ctx context.Context, s *store.Store, b store.Booking) error {
			_, _, err := s.MarkAttendance(ctx, b.ID, "asleep")
			return err
		}, store.ErrInvalid},
		"reviewing a lesson that has not begun": {[]store.BookingStatus{store.BookingApproved}, func(ctx context.Context, s *store.Store, b store.Booking) error {
			_, _, err := s.CreateReview(ctx, b.ID, 5, "")
			return err
		}, store.ErrConflict},
		"six stars": {nil, func(ctx context.Context, s *store.Store, b store.Booking) error {
			_, _, err := s.CreateReview(ctx, b.ID, 6, "")
			return err
		}, store.ErrInvalid},
		"an unknown tutor": {nil, func(ctx context.Context, s *store.Store, b store.Booking) error {
			_, err := s.Tutor(ctx, 999)
			return err
		}, store.ErrNotFound},
		"a context that has ended": {nil, func(ctx context.Context, s *store.Store, b store.Booking) error {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			_, err := s.MoveBooking(ctx, b.ID, store.BookingApproved)
			return err
		}, context.Canceled},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, s *store.Store) {
				b := book(t, s, test.path...)
				if err := test.call(t.Context(), s, b); !errors.Is(err, test.want) {
					t.Errorf("got %v, want %v", err, test.want)
				}
			})
		})
	}
}

func TestPaymentLife(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := book(t, s, store.BookingApproved)
		failed := pay(t, s, b.ID, store.PaymentFailed)
		if _, err := s.RefundPayment(ctx, failed.ID, 1); !errors.Is(err, store.ErrConflict) {
			t.Errorf("refunding a failed payment: got %v", err)
		}
		paid := pay(t, s, b.ID, store.PaymentPaid)
		if _, err := s.CreatePayment(ctx, b.ID, "key", 50000); !errors.Is(err, store.ErrConflict) {
			t.Errorf("paying twice: got %v", err)
		}
		if _, err := s.SettlePayment(ctx, paid.ID, store.PaymentFailed); !errors.Is(err, store.ErrConflict) {
			t.Errorf("settling twice: got %v", err)
		}
		for _, step := range []struct {
			amount int64
			want   store.PaymentStatus
			err    error
		}{
			{20000, store.PaymentPartiallyRefunded, nil},
			{30001, "", store.ErrConflict},
			{30000, store.PaymentRefunded, nil},
			{1, "", store.ErrConflict},
		} {
			p, err := s.RefundPayment(ctx, paid.ID, step.amount)
			if p.Status != step.want || !errors.Is(err, step.err) {
				t.Errorf("refund of %d: got %q and %v, want %q and %v", step.amount, p.Status, err, step.want, step.err)
			}
		}
		if p, err := s.PaymentOf(ctx, b.ID); err != nil || p.Refunded != 50000 {
			t.Errorf("payment of the booking: %+v, %v", p, err)
		}
	})
}

func pay(t *testing.T, s *store.Store, bookingID int64, to store.PaymentStatus) store.Payment {
	t.Helper()
	p, err := s.CreatePayment(t.Context(), bookingID, "key", 50000)
	if err != nil {
		t.Fatal(err)
	}
	if p, err = s.SettlePayment(t.Context(), p.ID, to); err != nil || p.Status != to {
		t.Fatalf("settle: %+v, %v", p, err)
	}
	return p
}

func TestLessonIsHeldAndReviewed(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		for i, rating := range []int{2, 5} {
			b := book(t, s, store.BookingApproved)
			if _, b, err := s.MarkAttendance(t.Context(), b.ID, store.Attended); err != nil || b.Status != store.BookingInProgress {
				t.Fatalf("attendance: %+v, %v", b, err)
			}
			r, b, err := s.CreateReview(t.Context(), b.ID, rating, "thank you")
			if err != nil || b.Status != store.BookingCompleted || r.TutorID != 1 {
				t.Fatalf("review: %+v, %+v, %v", r, b, err)
			}
			if _, _, err := s.CreateReview(t.Context(), b.ID, rating, "again"); !errors.Is(err, store.ErrConflict) {
				t.Errorf("second review: got %v", err)
			}
			tutor, err := s.Tutor(t.Context(), 1)
			if want := []float64{2, 3.5}[i]; err != nil || tutor.Rating != want || tutor.Reviews != int64(i+1) {
				t.Errorf("tutor: %+v, %v; want a rating of %v", tutor, err, want)
			}
		}
		b := book(t, s, store.BookingApproved)
		if _, b, err := s.MarkAttendance(t.Context(), b.ID, store.AttendanceNoShow); err != nil || b.Status != store.BookingCancelled {
			t.Errorf("no show: %+v, %v", b, err)
		}
	})
}

func TestBookingsPages(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		var all []int64
		for range 5 {
			all = append([]int64{book(t, s, store.BookingRejected).ID}, all...)
		}
		pending := book(t, s)
		all = append([]int64{pending.ID}, all...)

		var got []int64
		page := store.BookingPage{Limit: 4}
		for range 3 {
			bookings, err := s.Bookings(t.Context(), page)
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range bookings {
				got, page.Before = append(got, b.ID), b.ID
			}
		}
		if diff := cmp.Diff(all, got); diff != "" {
			t.Errorf("ids (-want +got):\n%s", diff)
		}
		bookings, err := s.Bookings(t.Context(), store.BookingPage{Limit: 10, Status: store.BookingPending})
		if diff := cmp.Diff([]store.Booking{pending}, bookings); err != nil || diff != "" {
			t.Errorf("pending: %v (-want +got):\n%s", err, diff)
		}
	})
}

// Of many who want to move one booking, exactly one may.
func TestMoveBookingConcurrentSafe(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		b := book(t, s)
		errs := make([]error, 16)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { _, errs[i] = s.MoveBooking(t.Context(), b.ID, store.BookingApproved) })
		}
		wg.Wait()
		var won int
		for _, err := range errs {
			if err == nil {
				won++
			} else if !errors.Is(err, store.ErrConflict) {
				t.Error(err)
			}
		}
		if won != 1 {
			t.Errorf("%d moves succeeded, want 1", won)
		}
	})
}

func TestPoolIsBounded(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "test.db"), nil)
	var stats sql.DBStats = s.DB().Stats()
	if stats.MaxOpenConnections != 8 {
		t.Errorf("pool of %d connections, want 8", stats.MaxOpenConnections)
	}
}
