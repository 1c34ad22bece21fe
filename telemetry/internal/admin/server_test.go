package admin_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tutorflow/observability/telemetry/internal/admin"
)

// dial connects to the server, with a deadline for the test's sake.
func dial(t *testing.T, h *harness) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", h.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// get makes a whole request over a connection of its own.
func get(t *testing.T, h *harness, path string) (status int, body string) {
	t.Helper()
	conn := dial(t, h)
	if _, err := io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	_ = response.Body.Close()
	return response.StatusCode, string(data)
}

func TestServerServes(t *testing.T) {
	h := serve(t, local(), nil)
	for path, want := range map[string]string{"/metrics": metric + " 1\n", "/health": "healthy", "/telemetry/metrics": `{"off":[]}` + "\n"} {
		if status, body := get(t, h, path); status != http.StatusOK || body != want {
			t.Errorf("%s: status %d: %s", path, status, body)
		}
	}
}

func TestBadConfigurationIsAnError(t *testing.T) {
	taken := serve(t, local(), nil).Addr().String()
	for name, test := range map[string]struct {
		config admin.Config
		want   []string
	}{
		"a port in use":                {admin.Config{Address: taken}, []string{"listen for admin: listen tcp " + taken, "in use"}},
		"no address":                   {admin.Config{}, []string{`listen for admin: address "": allowed is host:port`}},
		"an address without a port":    {admin.Config{Address: "localhost"}, []string{`address "localhost"`}},
		"a port that is none":          {admin.Config{Address: "127.0.0.1:70000"}, []string{"listen for admin: ", "70000"}},
		"a token with a line end":      {admin.Config{Address: "127.0.0.1:0", Token: "hunter2\n"}, []string{"listen for admin: token: allowed are visible ASCII"}},
		"a token that is not ASCII":    {admin.Config{Address: "127.0.0.1:0", Token: "hunter2é"}, []string{"token: allowed"}},
		"a token with a space":         {admin.Config{Address: "127.0.0.1:0", Token: "hunter2 x"}, []string{"token: allowed"}},
		"a certificate without a key":  {admin.Config{Address: "127.0.0.1:0", Certificate: "a.pem"}, []string{`certificate "a.pem" and key "": allowed are both or neither`}},
		"a key without a certificate":  {admin.Config{Address: "127.0.0.1:0", Key: "a.pem"}, []string{`certificate "" and key "a.pem"`}},
		"files that are not there":     {admin.Config{Address: "127.0.0.1:0", Certificate: "no.pem", Key: "no.key"}, []string{`certificate "no.pem" and key "no.key": read no.pem: `, "read no.key: "}},
		"a certificate without an end": {admin.Config{Address: "127.0.0.1:0", Certificate: "/dev/zero", Key: "/dev/zero"}, []string{"read /dev/zero: not a regular file"}},
		"everything wrong is told at once": {admin.Config{Token: "hunter2 ", Key: "a.pem"},
			[]string{"address", "token", "certificate"}},
	} {
		t.Run(name, func(t *testing.T) {
			server, err := admin.New(test.config, admin.Parts{})
			if err == nil {
				t.Error(server.Shutdown(t.Context()))
				t.Fatal("it listens")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error is %v, want %s", err, want)
				}
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error shows the token: %v", err)
			}
		})
	}
}

func TestPortIsFreeAfterShutdown(t *testing.T) {
	first, err := admin.New(local(), admin.Parts{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := first.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
	second, err := admin.New(admin.Config{Address: first.Addr().String()}, admin.Parts{})
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// held is a part that answers when it is let go.
func held() (part http.Handler, asked, release chan struct{}) {
	asked, release = make(chan struct{}), make(chan struct{})
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(asked)
		<-release
		_, _ = io.WriteString(w, "late")
	}), asked, release
}

func TestShutdownWaitsForRequests(t *testing.T) {
	part, asked, release := held()
	h := serve(t, local(), func(p *admin.Parts) { p.Metrics = part })
	answers := make(chan string, 1)
	go func() {
		_, body := get(t, h, "/metrics")
		answers <- body
	}()
	<-asked
	ended := make(chan error, 1)
	go func() { ended <- h.Shutdown(t.Context()) }()
	select {
	case err := <-ended:
		t.Errorf("it did not wait: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(release)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if body := <-answers; body != "late" {
		t.Errorf("answered %q", body)
	}
}

func TestShutdownEndsWithItsContext(t *testing.T) {
	part, asked, release := held()
	server, err := admin.New(local(), admin.Parts{Metrics: part})
	if err != nil {
		t.Fatal(err)
	}
	h := &harness{Server: server}
	conn := dial(t, h)
	if _, err := io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	<-asked
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	first := server.Shutdown(ctx)
	if !errors.Is(first, context.DeadlineExceeded) || !strings.HasPrefix(first.Error(), "shut down admin: ") {
		t.Errorf("the error is %v", first)
	}
	if second := server.Shutdown(t.Context()); !errors.Is(second, first) {
		t.Errorf("the second answer is %v, the first %v", second, first)
	}
	if n, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%d bytes are answered, the connection: %v", n, err)
	}
	close(release)
}

func TestSlowHeadersAreCutOff(t *testing.T) {
	const limit = 100 * time.Millisecond
	h := serveWithin(t, admin.Limits{ReadHeader: limit}, local(), nil)
	conn, started := dial(t, h), time.Now()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, conn)
	}()
	for _, b := range []byte("GET /metrics HTTP/1.1\r\nX-Slow: " + strings.Repeat("x", 1000)) {
		if _, err := conn.Write([]byte{b}); err != nil {
			break
		}
		select {
		case <-ended:
		case <-time.After(10 * time.Millisecond):
			continue
		}
		break
	}
	<-ended
	if took := time.Since(started); took < limit || took > 5*time.Second {
		t.Errorf("it was cut off after %v", took)
	}
}

func TestOptionsOfTheServerNeedTheToken(t *testing.T) {
	conn := dial(t, serve(t, secured(), nil))
	_, _ = io.WriteString(conn, "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	if answer, _ := io.ReadAll(conn); !strings.HasPrefix(string(answer), "HTTP/1.1 401 ") {
		t.Errorf("answered %.100q", answer)
	}
}

func TestLongHeadersAreRefused(t *testing.T) {
	h := serve(t, local(), nil)
	conn := dial(t, h)
	_, _ = io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: x\r\nX-Long: "+strings.Repeat("x", 32<<10)+"\r\n\r\n")
	if answer, _ := io.ReadAll(conn); !strings.HasPrefix(string(answer), "HTTP/1.1 431 ") {
		t.Errorf("answered %.100q", answer)
	}
}

func TestBodiesAreNotRead(t *testing.T) {
	h := serve(t, local(), func(p *admin.Parts) {
		p.Metrics = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	})
	conn := dial(t, h)
	_, _ = io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000000\r\n\r\n"+strings.Repeat("secret", 1000))
	answer, _ := io.ReadAll(conn)
	if !strings.HasPrefix(string(answer), "HTTP/1.1 200 ") || !strings.Contains(string(answer), "Connection: close") || strings.Contains(string(answer), "secret") {
		t.Errorf("answered %.300q", answer)
	}
}

func TestHalfAnAnswerDoesNotLookLikeAWholeOne(t *testing.T) {
	h := serve(t, local(), func(p *admin.Parts) {
		p.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat("half", 10_000))
			panic(errPart)
		})
	})
	conn := dial(t, h)
	_, _ = io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(response.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("it ends with %v", err)
	}
	_ = response.Body.Close()
	if got := h.failures(); got != "serve admin: panic with a *errors.errorString" {
		t.Errorf("failed: %q", got)
	}
}
