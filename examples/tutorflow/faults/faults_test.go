package faults_test

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tutorflow/observability/examples/tutorflow/faults"
)

// newMux makes a mux with the faults in front of both of its routes.
func newMux(t *testing.T, config faults.Config) *http.ServeMux {
	t.Helper()
	f, err := faults.New(config)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	router := f.Routes(mux)
	for _, pattern := range []string{"GET /api/v1/tutors/{tutor_id}", "GET /health"} {
		router.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	}
	return mux
}

func get(ctx context.Context, mux *http.ServeMux, path string) int {
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil))
	return w.Code
}

func TestErrorRateIsExact(t *testing.T) {
	for _, test := range []struct {
		rate     float64
		requests int
		want     int
	}{
		{0, 1000, 0}, {0.2, 1000, 200}, {0.05, 1000, 50}, {0.29, 100, 29}, {0.001, 1000, 1}, {1, 100, 100}, {0.0000001, 1000, 0},
	} {
		t.Run(fmt.Sprint(test.rate), func(t *testing.T) {
			mux := newMux(t, faults.Config{ErrorRate: test.rate})
			var failed int
			for range test.requests {
				if get(t.Context(), mux, "/api/v1/tutors/1") == 500 {
					failed++
				}
			}
			if failed != test.want {
				t.Errorf("%d of %d requests failed, want %d", failed, test.requests, test.want)
			}
		})
	}
}

func TestErrorsAreSpreadEvenly(t *testing.T) {
	mux := newMux(t, faults.Config{ErrorRate: 0.2})
	var failed []int
	for i := 1; i <= 15; i++ {
		if get(t.Context(), mux, "/api/v1/tutors/1") == 500 {
			failed = append(failed, i)
		}
	}
	if diff := cmp.Diff([]int{5, 10, 15}, failed); diff != "" {
		t.Errorf("failed requests (-want +got):\n%s", diff)
	}
}

func TestOtherPathsAreLeftAlone(t *testing.T) {
	mux := newMux(t, faults.Config{ErrorRate: 1, Slow: time.Hour})
	for range 10 {
		if status := get(t.Context(), mux, "/health"); status != 204 {
			t.Fatalf("status %d, want 204", status)
		}
	}
}

func TestEveryFifthRequestIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mux := newMux(t, faults.Config{Slow: 3 * time.Second})
		var slow []int
		for i := 1; i <= 12; i++ {
			begin := time.Now()
			get(t.Context(), mux, "/api/v1/tutors/1")
			if time.Since(begin) == 3*time.Second {
				slow = append(slow, i)
			} else if time.Since(begin) != 0 {
				t.Errorf("request %d took %v", i, time.Since(begin))
			}
		}
		if diff := cmp.Diff([]int{2, 7, 12}, slow); diff != "" {
			t.Errorf("slow requests (-want +got):\n%s", diff)
		}
	})
}

func TestSlowRequestEndsWithItsClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mux := newMux(t, faults.Config{Slow: time.Hour})
		get(t.Context(), mux, "/api/v1/tutors/1")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin := time.Now()
		get(ctx, mux, "/api/v1/tutors/1")
		if took := time.Since(begin); took != time.Second {
			t.Errorf("the request took %v, want 1s", took)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	for name, config := range map[string]faults.Config{
		"a negative rate":             {ErrorRate: -0.1},
		"a rate in per cent":          {ErrorRate: 20},
		"a rate that is not a number": {ErrorRate: math.NaN()},
		"a negative delay":            {Slow: -time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := faults.New(config); err == nil {
				t.Error("there is no error")
			}
		})
	}
}

func TestErrorRateConcurrentSafe(t *testing.T) {
	mux := newMux(t, faults.Config{ErrorRate: 0.25})
	var failed atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if get(t.Context(), mux, "/api/v1/tutors/1") == 500 {
					failed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if failed.Load() != 100 {
		t.Errorf("%d of 400 requests failed, want 100", failed.Load())
	}
}
