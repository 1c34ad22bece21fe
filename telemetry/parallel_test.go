package telemetry_test

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// TestFiftyInstancesSideBySide takes seconds under the race detector, so it is
// not one of those that run a hundred times.
func TestFiftyInstancesSideBySide(t *testing.T) {
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			o, err := newObserved(t.Context(), false)
			if err != nil {
				t.Error(err)
				return
			}
			for range i % 3 {
				o.use(t)
			}
			body := get(t, o.MetricsHandler(), "/metrics?name[]="+catalog.Reviews).Body.String()
			if want := "\ntutorflow_reviews_total " + strconv.Itoa(i%3) + "\n"; !strings.Contains(body, want) {
				t.Errorf("instance %d does not show %q", i, want)
			}
			o.end(t)
		})
	}
	all.Wait()
}

var onlySpans = regexp.MustCompile(`^shut down traces: \d+ spans abandoned$`)

// TestShutdownAmidEverythingElseConcurrentSafe has all that a program may do go
// on before, during and after the shutdown, which two ask for.
func TestShutdownAmidEverythingElseConcurrentSafe(t *testing.T) {
	db := sql.OpenDB(connector{})
	defer func() { _ = db.Close() }()
	for range 5 {
		o, err := newObserved(t.Context(), false)
		if err != nil {
			t.Fatal(err)
		}
		// Spans that end meanwhile may be told of as lost, and nothing else.
		shutdown := func() {
			if err := o.Shutdown(t.Context()); err != nil && !onlySpans.MatchString(err.Error()) {
				t.Errorf("Shutdown: %v", err)
			}
		}
		actions := map[string]func(){
			"counters": func() { o.Reviews.Add(t.Context()); o.Bookings.Add(t.Context(), catalog.BookingApproved) },
			"a scrape": func() { _ = get(t, o.MetricsHandler(), "/metrics").Code },
			"a pool": func() {
				stop, err := o.ObserveDB("primary", db)
				if err != nil {
					t.Error(err)
				} else if err := stop(); err != nil {
					t.Error(err)
				}
			},
			"health": func() {
				stop, err := o.ObserveHealth(&drainable{})
				if err != nil {
					t.Error(err)
				} else if err := stop(); err != nil {
					t.Error(err)
				}
			},
			"a line":    func() { o.Logger().Info("work", zap.Int("n", 1)) },
			"an event":  func() { o.Event(t.Context(), "work") },
			"a level":   func() { o.Level().SetLevel(zapcore.WarnLevel); o.Level().SetLevel(zapcore.InfoLevel) },
			"a flush":   func() { _ = o.Flush(t.Context()) },
			"an error":  func() { o.RecordError(t.Context(), errors.New("work")) },
			"a request": func() { o.handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/used", nil)) },
			"a handler": func() { _ = o.Handler(o.NewServeMux()) },
			"a call": func() {
				_ = o.ExternalCall(t.Context(), "toss_payments", "confirm", func(context.Context) error { return io.EOF })
			},
			"a span": func() {
				_, span := o.TracerProvider().Tracer("test").Start(t.Context(), "work")
				span.End()
			},
			"an instrument": func() {
				if counter, err := o.MeterProvider().Meter("test").Int64Counter("late"); err != nil {
					t.Error(err)
				} else {
					counter.Add(t.Context(), 1)
				}
			},
		}
		var working sync.WaitGroup
		begin := make(chan struct{})
		for _, action := range actions {
			working.Go(func() {
				<-begin
				for range 10 {
					action()
				}
			})
		}
		for range 2 {
			working.Go(func() { <-begin; shutdown() })
		}
		close(begin)
		working.Wait()
		shutdown()
		if got := o.metrics.sum(catalog.Reviews); got > 10 {
			t.Errorf("%d reviews are exported, more than there were", got)
		}
		if code := get(t, o.MetricsHandler(), "/metrics").Code; code != http.StatusServiceUnavailable {
			t.Errorf("a scrape after Shutdown: status %d, want 503", code)
		}
	}
}
