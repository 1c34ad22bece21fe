package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tutorflow/observability/examples/tutorflow/api"
	"github.com/tutorflow/observability/examples/tutorflow/clients"
	"github.com/tutorflow/observability/examples/tutorflow/partners"
	"github.com/tutorflow/observability/examples/tutorflow/store"
	"github.com/tutorflow/observability/telemetry/telemetrytest"
)

// journal reads from the log what the API says that happened.
type journal struct {
	*telemetrytest.Recorder
	taken int
}

// take returns what happened since the last take.
func (j *journal) take() (happened []string) {
	lines := j.Logs()
	for _, line := range lines[j.taken:] {
		switch line["logger"] {
		case "tutorflow.business":
			happened = append(happened, strings.Replace(line["event_type"].(string), "_", " ", 1))
		case "tutorflow.error":
			happened = append(happened, fmt.Sprint("failed ", line["error"]))
		}
	}
	j.taken = len(lines)
	return happened
}

// service is a whole API on an own database with own partners.
type service struct {
	t        *testing.T
	mux      *http.ServeMux
	store    *store.Store
	partners *partners.Partners
	journal  *journal
}

func newService(t *testing.T) *service {
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
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := p.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		_ = db.Close() // one test closes it before
	})
	client := &http.Client{Transport: transport}
	s := &service{t: t, mux: http.NewServeMux(), store: db, partners: p, journal: &journal{Recorder: telemetrytest.New(t)}}
	api.New(db, api.Partners{
		Kakao:    clients.NewKakao(client, p.Kakao.URL()),
		Toss:     clients.NewToss(client, p.Toss.URL()),
		Alimtalk: clients.NewAlimtalk(client, p.Alimtalk.URL()),
	}, s.journal.Telemetry).Register(s.mux)
	return s
}

// do sends a request, whose headers are pairs, and returns the answer.
func (s *service) do(ctx context.Context, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, r)
	return w
}

// must is do for a request that a test relies on; it returns the JSON answer.
func (s *service) must(status int, method, path, body string, headers ...string) map[string]any {
	s.t.Helper()
	w := s.do(s.t.Context(), method, path, body, headers...)
	if w.Code != status {
		s.t.Fatalf("%s %s: status %d, want %d: %s", method, path, w.Code, status, w.Body)
	}
	var answer map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		s.t.Fatal(err)
	}
	return answer
}

// booking makes a booking whose lesson begins after wait, in the given status.
func (s *service) booking(wait time.Duration, path ...store.BookingStatus) int64 {
	s.t.Helper()
	b, err := s.store.CreateBooking(s.t.Context(), store.NewBooking{TutorID: 1, StudentID: "42", StartsAt: time.Now().Add(wait), Minutes: 60})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, to := range path {
		if _, err := s.store.MoveBooking(s.t.Context(), b.ID, to); err != nil {
			s.t.Fatal(err)
		}
	}
	return b.ID
}
