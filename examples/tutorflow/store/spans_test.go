package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/tutorflow/observability/examples/tutorflow/store"
)

// onEachRecorded is onEach with what has been recorded since the last call of
// taken, and a provider for spans around.
func onEachRecorded(t *testing.T, test func(t *testing.T, s *store.Store, tracers trace.TracerProvider, taken func() []sdktrace.ReadOnlySpan)) {
	t.Helper()
	recorder := tracetest.NewSpanRecorder()
	tracers := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	taken := func() []sdktrace.ReadOnlySpan {
		defer recorder.Reset()
		return recorder.Ended()
	}
	onEachTraced(t, tracers, func(t *testing.T, s *store.Store) { test(t, s, tracers, taken) })
}

func TestQueriesAreChildrenOfTheSpanTheyAreMadeIn(t *testing.T) {
	onEachRecorded(t, func(t *testing.T, s *store.Store, tracers trace.TracerProvider, taken func() []sdktrace.ReadOnlySpan) {
		b := book(t, s)
		taken()
		ctx, parent := tracers.Tracer("test").Start(t.Context(), "request")
		if _, err := s.MoveBooking(ctx, b.ID, store.BookingApproved); err != nil {
			t.Fatal(err)
		}
		system := "sqlite"
		if strings.HasSuffix(t.Name(), "/postgres") {
			system = "postgresql"
		}
		var names []string
		for _, span := range taken() {
			if span.Parent().SpanID() != parent.SpanContext().SpanID() || span.SpanKind() != trace.SpanKindClient {
				t.Errorf("%s is a %s span below %s", span.Name(), span.SpanKind(), span.Parent().SpanID())
			}
			names = append(names, span.Name())
			if !slices.Contains(span.Attributes(), attribute.String("db.system.name", system)) {
				t.Errorf("%s is not of %s: %v", span.Name(), system, span.Attributes())
			}
		}
		if diff := cmp.Diff([]string{"sql.conn.begin_tx", "sql.conn.query", "sql.conn.exec", "sql.tx.commit"}, names); diff != "" {
			t.Errorf("spans (-want +got):\n%s", diff)
		}
	})
}

func TestNothingOutsideOfARecordedSpanMakesOne(t *testing.T) {
	onEachRecorded(t, func(t *testing.T, s *store.Store, _ trace.TracerProvider, taken func() []sdktrace.ReadOnlySpan) {
		unsampled := sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample()))
		ctx, _ := unsampled.Tracer("test").Start(t.Context(), "request")
		for _, ctx := range []context.Context{t.Context(), ctx} {
			if err := s.DB().PingContext(ctx); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Tutor(ctx, 1); err != nil {
				t.Fatal(err)
			}
		}
		for _, span := range taken() { // migrating included
			t.Errorf("there is a span %s", span.Name())
		}
	})
}

func TestAPingMakesNoSpan(t *testing.T) {
	onEachRecorded(t, func(t *testing.T, s *store.Store, tracers trace.TracerProvider, taken func() []sdktrace.ReadOnlySpan) {
		ctx, _ := tracers.Tracer("test").Start(t.Context(), "request")
		if err := s.DB().PingContext(ctx); err != nil {
			t.Fatal(err)
		}
		for _, span := range taken() {
			t.Errorf("there is a span %s", span.Name())
		}
	})
}

func TestSpansHoldNoValuesOfAQueryNotEvenOfAFailedOne(t *testing.T) {
	onEachRecorded(t, func(t *testing.T, s *store.Store, tracers trace.TracerProvider, taken func() []sdktrace.ReadOnlySpan) {
		ctx, _ := tracers.Tracer("test").Start(t.Context(), "request")
		n := store.NewBooking{TutorID: 1, StudentID: "77001177", StartsAt: start, Minutes: 173}
		if _, err := s.CreateBooking(ctx, n); err != nil {
			t.Fatal(err)
		}
		if _, err := s.CreateBooking(ctx, n); !errors.Is(err, store.ErrConflict) {
			t.Fatalf("got %v, want a conflict", err)
		}
		spans := taken()
		var shown strings.Builder
		for _, span := range spans {
			fmt.Fprintln(&shown, span.Name(), span.Attributes(), span.Status())
			for _, event := range span.Events() { // not its time, whose digits may be anything
				fmt.Fprintln(&shown, event.Name, event.Attributes)
			}
		}
		text := shown.String()
		if !strings.Contains(text, "INSERT INTO bookings") || !strings.Contains(text, "Error") {
			t.Errorf("the statement or its failure is missing:\n%s", text)
		}
		for _, value := range []string{n.StudentID, fmt.Sprint(start.UnixMicro()), "173"} {
			if strings.Contains(text, value) {
				t.Errorf("the spans show the value %s:\n%s", value, text)
			}
		}
	})
}

func TestWithoutTracesTheDriverIsTheDatabasesOwn(t *testing.T) {
	onEachTraced(t, noop.NewTracerProvider(), func(t *testing.T, s *store.Store) {
		if driver := fmt.Sprintf("%T", s.DB().Driver()); driver != "*sqlite.Driver" && driver != "*stdlib.Driver" {
			t.Errorf("the driver is a %s", driver)
		}
	})
}
