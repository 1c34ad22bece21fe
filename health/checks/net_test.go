package checks_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tutorflow/observability/health/checks"
)

// run runs a check once, as a schedule would.
func run(t *testing.T, fn func(context.Context) error) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	return fn(ctx)
}

func TestHTTP(t *testing.T) {
	cases := map[string]struct {
		answer http.HandlerFunc
		want   string // empty for a pass
	}{
		"200": {func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "ok") }, ""},
		"204": {func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) }, ""},
		"302 to nowhere, which is not followed": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		}, ""},
		"401":         {func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(401) }, "get: status 401"},
		"503":         {func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(503) }, "get: status 503"},
		"a huge body": {func(w http.ResponseWriter, r *http.Request) { _, _ = io.CopyN(w, zeros{}, 10<<20) }, ""},
		"an abort":    {func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }, "get: EOF"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(tc.answer)
			defer server.Close()
			err := run(t, checks.HTTP("toss_payments", server.URL).Run)
			if got := text(err); got != tc.want {
				t.Errorf("error %q, want %q", got, tc.want)
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestHTTPTimesOutWithItsContext(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := checks.HTTP("toss_payments", server.URL).Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want a deadline", err)
	}
}

func TestHTTPSendsCredentialsAndShowsNone(t *testing.T) {
	seen := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		seen <- password + " " + r.URL.Query().Get("token")
	}))
	target := strings.Replace(server.URL, "http://", "http://user:hunter2@", 1) + "/status?token=s3cret"
	if err := run(t, checks.HTTP("toss_payments", target).Run); err != nil {
		t.Error(err)
	}
	if got := <-seen; got != "hunter2 s3cret" {
		t.Errorf("the server saw %q", got)
	}

	server.Close()
	err := run(t, checks.HTTP("toss_payments", target).Run)
	if err == nil {
		t.Fatal("no error from a server that is closed")
	}
	for _, secret := range []string{"hunter2", "s3cret", "token"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error shows %q: %v", secret, err)
		}
	}
}

func TestTCP(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	check := checks.TCP("cache", listener.Addr().String())
	if err := run(t, check.Run); err != nil {
		t.Errorf("a listener: %v", err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if err := run(t, check.Run); err == nil {
		t.Error("no error from a listener that is closed")
	}
}

func TestDisk(t *testing.T) {
	dir := t.TempDir()
	if err := run(t, checks.Disk("disk", dir, 1e-9).Run); err != nil {
		t.Errorf("next to nothing is needed: %v", err)
	}
	if err := run(t, checks.Disk("disk", dir, 100-1e-9).Run); err == nil || !strings.Contains(err.Error(), "of the disk is free") {
		t.Errorf("next to everything is needed: %v", err)
	}
	if err := run(t, checks.Disk("disk", dir+"/missing", 10).Run); err == nil {
		t.Error("no error for a path that does not exist")
	}
}
