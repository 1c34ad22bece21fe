package admin_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tutorflow/observability/telemetry/internal/admin"
)

// keep asks for path and keeps the connection.
func keep(t *testing.T, h *harness, path string) net.Conn {
	t.Helper()
	conn := dial(t, h)
	if _, err := io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d: %v", path, response.StatusCode, err)
	}
	_ = response.Body.Close()
	return conn
}

// closed reports whether the server has closed conn.
func closed(t *testing.T, conn net.Conn) bool {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	_, err := conn.Read(make([]byte, 1))
	return !errors.Is(err, os.ErrDeadlineExceeded)
}

func TestKeptConnectionsMakeRoom(t *testing.T) {
	const most = 3
	h := serveWithin(t, admin.Limits{Connections: most}, secured(), nil)
	var kept []net.Conn
	for range most {
		kept = append(kept, keep(t, h, "/health/live"))
	}
	started := time.Now()
	last := keep(t, h, "/health/live")
	if waited := time.Since(started); waited > 200*time.Millisecond {
		t.Errorf("a probe waited %v", waited)
	}
	if !closed(t, kept[0]) || closed(t, kept[1]) || closed(t, kept[2]) || closed(t, last) {
		t.Error("the connection that was idle longest is to be closed, and no other")
	}
}

func TestConnectionsThatSayNothingMakeRoom(t *testing.T) {
	const most, patience = 2, 200 * time.Millisecond
	h := serveWithin(t, admin.Limits{Connections: most, Patience: patience}, local(), nil)
	started := time.Now()
	for range most {
		if _, err := io.WriteString(dial(t, h), "GET /metr"); err != nil {
			t.Fatal(err)
		}
	}
	if status, _ := get(t, h, "/health"); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	if waited := time.Since(started); waited < patience/2 || waited > 2*time.Second {
		t.Errorf("a good request waited %v for those who say nothing", waited)
	}
}

func TestConnectionsThatAreServedDoNotMakeRoom(t *testing.T) {
	part, asked, release := held()
	h := serveWithin(t, admin.Limits{Connections: 1, Patience: 50 * time.Millisecond}, local(), func(p *admin.Parts) { p.Metrics = part })
	scrape, probe := make(chan string, 1), make(chan string, 1)
	go func() { _, body := get(t, h, "/metrics"); scrape <- body }()
	<-asked
	go func() { _, body := get(t, h, "/health"); probe <- body }()
	select {
	case body := <-probe:
		t.Errorf("it is answered at the same time: %q", body)
	case <-time.After(200 * time.Millisecond):
	}
	close(release)
	if first, second := <-scrape, <-probe; first != "late" || second != "healthy" {
		t.Errorf("answered %q and %q", first, second)
	}
}

// TestSlowReadersDoNotStopAScrape has readers that ask and never read.
func TestSlowReadersDoNotStopAScrape(t *testing.T) {
	const most, write = 3, time.Second
	long := strings.Repeat(metric+" 1\n", 400_000)
	h := serveWithin(t, admin.Limits{Connections: most, Write: write}, local(), func(p *admin.Parts) { p.Metrics = text(long) })
	for range most {
		conn := dial(t, h)
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetReadBuffer(4096)
		}
		if _, err := io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(50 * time.Millisecond)
	started := time.Now()
	if status, body := get(t, h, "/metrics"); status != http.StatusOK || len(body) != len(long) {
		t.Errorf("status %d, %d bytes", status, len(body))
	}
	if took := time.Since(started); took > 4*write {
		t.Errorf("the scrape took %v", took)
	}
}

func TestKeptConnectionsMakeRoomWithTLS(t *testing.T) {
	config := local()
	config.Certificate, config.Key = filepath.Join(t.TempDir(), "a.pem"), filepath.Join(t.TempDir(), "a.key")
	trusted := issue(t, config, 1)
	h := serveWithin(t, admin.Limits{Connections: 1}, config, nil)
	started := time.Now()
	for range 3 {
		client := trusting(trusted) // Each keeps its connection.
		t.Cleanup(client.CloseIdleConnections)
		response, err := client.Get("https://" + h.Addr().String() + "/health")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
	if waited := time.Since(started); waited > 2*time.Second {
		t.Errorf("they waited %v", waited)
	}
}

func TestShutdownDoesNotWaitForConnectionsWithoutARequest(t *testing.T) {
	h := serveWithin(t, admin.Limits{Shutdown: 100 * time.Millisecond}, local(), nil)
	fresh, kept := dial(t, h), keep(t, h, "/health")
	started := time.Now()
	if err := h.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if took := time.Since(started); took > time.Second {
		t.Errorf("it took %v", took)
	}
	if !closed(t, fresh) || !closed(t, kept) {
		t.Error("a connection is open")
	}
}

func TestShutdownDoesNotWaitForLongRequests(t *testing.T) {
	part, asked, release := held()
	server, err := admin.NewWithin(admin.Limits{Shutdown: 100 * time.Millisecond}, local(), admin.Parts{Metrics: part})
	if err != nil {
		t.Fatal(err)
	}
	defer close(release)
	conn := dial(t, &harness{Server: server})
	if _, err := io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	<-asked
	started := time.Now()
	err = server.Shutdown(t.Context())
	if took := time.Since(started); err == nil || !strings.HasPrefix(err.Error(), "shut down admin: requests are cut off: ") || took > time.Second {
		t.Errorf("it took %v: %v", took, err)
	}
}

func TestShutdownEndsWhileAConnectionWaitsForRoom(t *testing.T) {
	part, asked, release := held()
	server, err := admin.NewWithin(admin.Limits{Connections: 1}, local(), admin.Parts{Metrics: part})
	if err != nil {
		t.Fatal(err)
	}
	h := &harness{Server: server}
	conn := dial(t, h)
	if _, err := io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	<-asked
	waiting := dial(t, h)
	time.Sleep(20 * time.Millisecond)
	time.AfterFunc(50*time.Millisecond, func() { close(release) })
	if err := server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if !closed(t, waiting) {
		t.Error("the connection that waits is open")
	}
}
