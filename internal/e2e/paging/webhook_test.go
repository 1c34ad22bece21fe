package paging_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tutorflow/observability/internal/e2e/internal/process"
)

// notification is the part of Alertmanager's webhook that the tests look at.
type notification struct {
	Receiver string
	Status   string // firing or resolved
	Alerts   []struct {
		Status      string
		Labels      map[string]string
		Annotations map[string]string
	}
}

// names are those of the notification's alerts, in order.
func (n notification) names() (names []string) {
	for _, a := range n.Alerts {
		names = append(names, a.Labels["alertname"])
	}
	slices.Sort(names)
	return names
}

// webhooks takes notifications, at a path for each receiver.
type webhooks struct {
	url string

	mu  sync.Mutex
	got map[string][]notification // by the path's receiver
}

func newWebhooks(t *testing.T) *webhooks {
	w := &webhooks{got: map[string][]notification{}}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var n notification
		receiver := strings.TrimPrefix(r.URL.Path, "/")
		if err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, 1<<20)).Decode(&n); err != nil || n.Receiver != receiver {
			t.Errorf("a webhook for %q at %s: %v", n.Receiver, r.URL, err)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.got[receiver] = append(w.got[receiver], n)
	}))
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

// of returns what has arrived for the receiver, the oldest first.
func (w *webhooks) of(receiver string) []notification {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.got[receiver])
}

// wait waits until n notifications have arrived for the receiver.
func (w *webhooks) wait(t *testing.T, receiver string, n int) []notification {
	t.Helper()
	if !process.Eventually(func() bool { return len(w.of(receiver)) >= n }) {
		t.Fatalf("%d notifications arrived for %s, want %d: %+v", len(w.of(receiver)), receiver, n, w.of(receiver))
	}
	return w.of(receiver)
}
