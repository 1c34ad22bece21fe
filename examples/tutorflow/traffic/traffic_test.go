package traffic_test

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tutorflow/observability/examples/tutorflow/api"
	"github.com/tutorflow/observability/examples/tutorflow/clients"
	"github.com/tutorflow/observability/examples/tutorflow/partners"
	"github.com/tutorflow/observability/examples/tutorflow/store"
	"github.com/tutorflow/observability/examples/tutorflow/traffic"
	"github.com/tutorflow/observability/telemetry/telemetrytest"
)

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// newAPI serves the real API and calls seen with each route and status.
func newAPI(t *testing.T, seen func(route string, status int)) *httptest.Server {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := partners.Start(t.Context(), partners.Config{})
	if err != nil {
		t.Fatal(err)
	}
	transport := new(http.Transport)
	client := &http.Client{Transport: transport}
	mux := http.NewServeMux()
	api.New(db, api.Partners{
		Kakao:    clients.NewKakao(client, p.Kakao.URL()),
		Toss:     clients.NewToss(client, p.Toss.URL()),
		Alimtalk: clients.NewAlimtalk(client, p.Alimtalk.URL()),
	}, telemetrytest.New(t).Telemetry).Register(mux)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sw := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		mux.ServeHTTP(sw, r)
		seen(r.Pattern, sw.status)
	}))
	t.Cleanup(func() {
		server.Close()
		transport.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := p.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

func TestEveryRouteAndKindOfAnswerIsSeen(t *testing.T) {
	missing := map[string]bool{
		"POST /api/v1/bookings 201": true, "GET /api/v1/bookings 200": true,
		"GET /api/v1/bookings/{booking_id} 200": true, "DELETE /api/v1/bookings/{booking_id} 200": true,
		"PATCH /api/v1/bookings/{booking_id}/approve 200": true, "PATCH /api/v1/bookings/{booking_id}/reject 200": true,
		"POST /api/v1/payments 201": true, "POST /api/v1/payments 402": true,
		"POST /api/v1/reviews 201": true, "POST /api/v1/attendance 201": true,
		"GET /api/v1/tutors/{tutor_id} 200": true, "GET /api/v1/tutors/{tutor_id} 404": true,
		" 404": true, "POST /api/v1/bookings 400": true, " 405": true,
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second) // about 2 s at this rate
	defer cancel()
	var mu sync.Mutex
	faults := map[string]bool{}
	server := newAPI(t, func(route string, status int) {
		mu.Lock()
		defer mu.Unlock()
		key := fmt.Sprint(route, " ", status)
		if status >= 500 {
			faults[key] = true
		}
		delete(missing, key)
		if len(missing) == 0 {
			cancel()
		}
	})
	if err := traffic.Run(ctx, server.URL, 500); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if diff := cmp.Diff(map[string]bool{}, missing); diff != "" {
		t.Errorf("never seen (-want +got):\n%s", diff)
	}
	if len(faults) > 0 {
		t.Errorf("requests failed: %v", faults)
	}
}

func TestRunIsNeverFasterThanAsked(t *testing.T) {
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	defer server.Close()
	begin := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := traffic.Run(ctx, server.URL, 100); err != nil {
		t.Fatal(err)
	}
	if most := int64(time.Since(begin).Seconds()*100) + 1; requests.Load() == 0 || requests.Load() > most {
		t.Errorf("%d requests, want 1 to %d", requests.Load(), most)
	}
}

func TestRunKeepsToItsBoundAndStops(t *testing.T) {
	var open, most atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		n := open.Add(1)
		defer open.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that a client hangs up
		<-r.Context().Done()
	}))
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if err := traffic.Run(ctx, server.URL, 1000); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("Run returned after %v, with requests that hang", took)
	}
	if most.Load() == 0 || most.Load() > 32 {
		t.Errorf("%d requests were open at once, want 1 to 32", most.Load())
	}
}

func TestRunWithoutTrafficReturns(t *testing.T) {
	if err := traffic.Run(t.Context(), "http://127.0.0.1:1", 0); err != nil {
		t.Error(err)
	}
}

func TestRunWithoutAnAPIReturns(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := traffic.Run(ctx, "http://127.0.0.1:1", 100); err != nil {
		t.Error(err)
	}
}

func TestRunRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		url  string
		rate float64
	}{
		"an address without a scheme": {"127.0.0.1:8000", 20},
		"another scheme":              {"ftp://127.0.0.1", 20},
		"a negative rate":             {"http://127.0.0.1:1", -1},
		"a rate above the limit":      {"http://127.0.0.1:1", 1001},
		"a rate that is not a number": {"http://127.0.0.1:1", math.NaN()},
	} {
		t.Run(name, func(t *testing.T) {
			if err := traffic.Run(t.Context(), test.url, test.rate); err == nil {
				t.Error("there is no error")
			}
		})
	}
}
