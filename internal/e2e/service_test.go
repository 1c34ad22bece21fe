package e2e_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tutorflow/observability/examples/tutorflow/app"
	"github.com/tutorflow/observability/examples/tutorflow/traffic"
)

func TestMain(m *testing.M) {
	// There is no load balancer to wait for.
	_ = os.Setenv("TUTORFLOW_DRAIN_DELAY", "0s")
	// A connection that is kept open would be a goroutine that is left behind.
	http.DefaultTransport.(*http.Transport).DisableKeepAlives = true
	goleak.VerifyTestMain(m)
}

// service is the example, running in this process.
type service struct {
	*app.App
	t   *testing.T
	url string
	log *logBuffer
}

func startService(t *testing.T, change func(*app.Config)) *service {
	t.Helper()
	s := &service{t: t, log: &logBuffer{}}
	banner, bannerWriter := io.Pipe()
	config := app.Config{
		Address:       "127.0.0.1:0",
		Database:      filepath.Join(t.TempDir(), "test.db"),
		Log:           s.log,
		Banner:        bannerWriter,
		CheckInterval: 100 * time.Millisecond,
	}
	if change != nil {
		change(&config)
	}
	a, err := app.New(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	s.App = a
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- a.Run(ctx)
		_ = bannerWriter.Close()
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	var text strings.Builder
	for !strings.Contains(text.String(), "/metrics") {
		buffer := make([]byte, 1024)
		n, err := banner.Read(buffer)
		if err != nil {
			t.Fatalf("the service does not listen: %v", err)
		}
		text.Write(buffer[:n])
	}
	s.url = strings.TrimSuffix(regexp.MustCompile(`http://\S+/metrics`).FindString(text.String()), "/metrics")
	go func() { _, _ = io.Copy(io.Discard, banner) }()
	return s
}

// drive sends synthetic traffic, which reaches every route, for a while.
func (s *service) drive(perSecond float64, d time.Duration) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), d)
	defer cancel()
	if err := traffic.Run(ctx, s.url, perSecond); err != nil {
		s.t.Fatal(err)
	}
}

// get returns the status and the body of a GET request.
func get(t *testing.T, url string, header ...string) (status int, body string, kind string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(data), response.Header.Get("Content-Type")
}

// eventually waits until ok.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 300 {
		if ok() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("within 15 s: not %s", what)
}

type logBuffer struct {
	mu   sync.Mutex
	kept bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept.Write(p)
}
