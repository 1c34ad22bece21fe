// Package store keeps the bookings, payments, reviews and attendance of the
// example service in a SQL database: an embedded SQLite file unless a
// PostgreSQL DSN is given.
//
//	s, err := store.Open(ctx, "tutorflow.db", tel.TracerProvider())
//	if err != nil {
//		return err
//	}
//	defer s.Close()
//	booking, err := s.CreateBooking(ctx, store.NewBooking{TutorID: 1, StudentID: "42", StartsAt: start, Minutes: 60})
//
// Open creates and migrates the schema, Close waits for running queries and
// releases the pool. A Store may be used by many goroutines at once.
//
// What a caller can react to is one of ErrNotFound, ErrConflict, ErrInvalid or
// a *TransitionError (which is also an ErrConflict); everything else is a fault
// of the database. No error text holds a DSN.
//
// Queries are child spans of the request that they serve. Otherwise the package
// keeps no telemetry of its own: DB gives the pool to whoever measures or checks
// it. It does not prune: a file that synthetic traffic has filled is simply
// deleted.
package store
