package telemetry_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tutorflow/observability/telemetry"
	"github.com/tutorflow/observability/telemetry/telemetrytest"
)

// process is the serve program, running.
type process struct {
	*exec.Cmd
	t      *testing.T
	url    string
	stderr *bufio.Scanner
	stdout bytes.Buffer
}

func startProcess(t *testing.T, env ...string) *process {
	t.Helper()
	return startProcessTo(t, nil, env...)
}

// startProcessTo gives the process a stdout; the one that is kept is for nil.
func startProcessTo(t *testing.T, stdout *os.File, env ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(os.Args[0]), t: t}
	p.Env = append(os.Environ(), append(env, "TELEMETRY_TEST_PROGRAM=serve")...)
	p.Stdout = &p.stdout
	if stdout != nil {
		p.Stdout = stdout
	}
	stderr, err := p.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill() })
	p.stderr = bufio.NewScanner(stderr)
	address := p.line()
	for strings.HasPrefix(address, "tutorflow: ") { // of a log that cannot be written
		address = p.line()
	}
	p.url = "http://" + address
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for range 500 {
		if response, err := client.Get(p.url + "/ready"); err == nil {
			_ = response.Body.Close()
			return p
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("the process does not serve at %s", p.url)
	return nil
}

// line is the next line that the process prints to stderr.
func (p *process) line() string {
	p.t.Helper()
	if !p.stderr.Scan() {
		p.t.Fatalf("the process ended: %v", p.stderr.Err())
	}
	return p.stderr.Text()
}

func status(t *testing.T, url string) int {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(url)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

func TestSIGTERMDrainsServesWhatIsInFlightAndExitsWithZero(t *testing.T) {
	p := startProcess(t, "TEST_SLOW=1200ms", "TUTORFLOW_DRAIN_DELAY=500ms")
	const requests = 20
	answers := make(chan int, requests)
	var sent sync.WaitGroup
	for range requests {
		sent.Go(func() { answers <- status(t, p.url+"/slow") })
	}
	time.Sleep(200 * time.Millisecond)
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if got := p.line(); got != "draining" {
		t.Fatalf("after SIGTERM the process says %q", got)
	}
	if got := status(t, p.url+"/ready"); got != http.StatusServiceUnavailable {
		t.Errorf("readiness while draining: status %d, want 503 from a server that still serves", got)
	}
	sent.Wait()
	for range requests {
		if got := <-answers; got != http.StatusOK {
			t.Errorf("a request in flight: status %d, want 200", got)
		}
	}
	if err := p.Wait(); err != nil {
		t.Errorf("the process ended with %v, want exit code 0", err)
	}
	if lines := strings.Count(p.stdout.String(), `"http_path":"/slow"`); lines != requests {
		t.Errorf("%d access lines of requests in flight, want %d", lines, requests)
	}
}

func TestInterruptLeavesTheDrainDelayOut(t *testing.T) {
	p := startProcess(t, "TUTORFLOW_DRAIN_DELAY=1m")
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := p.Wait(); err != nil || time.Since(start) > 5*time.Second {
		t.Errorf("ended with %v after %v, want exit code 0 at once", err, time.Since(start))
	}
}

func TestASecondSIGTERMEndsTheProcessAtOnce(t *testing.T) {
	p := startProcess(t, "TUTORFLOW_DRAIN_DELAY=1m")
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if got := p.line(); got != "draining" {
		t.Fatalf("after SIGTERM the process says %q", got)
	}
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	err := p.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM || time.Since(start) > 5*time.Second {
		t.Errorf("ended with %v after %v, want death by SIGTERM at once", err, time.Since(start))
	}
}

func TestPortInUseIsAnErrorAtOnce(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	r, o := withAdmin(t, nil)
	err = r.Serve(t.Context(), &http.Server{Addr: taken.Addr().String()})
	if err == nil || !strings.Contains(err.Error(), "serve: listen tcp "+taken.Addr().String()) || !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("Serve: %v, want an error about the address in use", err)
	}
	again, err := net.Listen("tcp", strings.TrimPrefix(o.url, "http://"))
	if err != nil {
		t.Fatalf("the port of the admin listener is not free again: %v", err)
	}
	_ = again.Close()
}

func TestServeEndsWithItsContextAndShutsEverythingDown(t *testing.T) {
	r := telemetrytest.New(t, telemetry.WithConfig(func(c *telemetry.Config) { c.Shutdown.DrainDelay = 0 }))
	ctx, cancel := context.WithCancel(t.Context())
	server := &http.Server{Addr: "127.0.0.1:0"}
	time.AfterFunc(50*time.Millisecond, cancel)
	if err := r.Serve(ctx, server, &drainable{}); err != nil {
		t.Errorf("Serve: %v", err)
	}
	if server.ReadHeaderTimeout == 0 || server.IdleTimeout == 0 || server.MaxHeaderBytes == 0 {
		t.Error("the server was left without limits")
	}
	if code := get(t, r.MetricsHandler(), "/metrics").Code; code != http.StatusServiceUnavailable {
		t.Errorf("a scrape after Serve: status %d, want 503", code)
	}
}

func TestServeRefusesNil(t *testing.T) {
	for name, serve := range map[string]func(*telemetrytest.Recorder) error{
		"server": func(r *telemetrytest.Recorder) error { return r.Serve(t.Context(), nil) },
		"checks": func(r *telemetrytest.Recorder) error { return r.Serve(t.Context(), &http.Server{}, nil) },
	} {
		if err := serve(telemetrytest.New(t)); err == nil || !strings.Contains(err.Error(), "serve: "+name+" <nil>") {
			t.Errorf("Serve: %v, want an error about nil %s", err, name)
		}
	}
}

func TestAClosedStdoutDoesNotEndAProcessThatPrintsToTheConsole(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = read.Close()
	defer func() { _ = write.Close() }()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), "TELEMETRY_TEST_PROGRAM=console", "OTEL_METRICS_EXPORTER=console", "OTEL_TRACES_EXPORTER=console", "OTEL_METRIC_EXPORT_INTERVAL=20")
	command.Stdout = write
	if err := command.Run(); err != nil {
		t.Errorf("the process ended with %v, want exit code 0", err)
	}
}

func TestATypedNilCheckerIsAnError(t *testing.T) {
	r := telemetrytest.New(t)
	var none *drainable
	if err := r.Serve(t.Context(), &http.Server{}, none); err == nil || !strings.Contains(err.Error(), "serve: checks <nil>") {
		t.Errorf("Serve: %v, want an error about nil checks", err)
	}
}

func TestAServerThatTheProgramShutsDownEndsAllTheSame(t *testing.T) {
	r := telemetrytest.New(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	arrived := make(chan struct{})
	server := &http.Server{Addr: address, Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		close(arrived)
		time.Sleep(200 * time.Millisecond)
		r.Reviews.Add(req.Context())
	})}
	ended := make(chan error, 1)
	go func() { ended <- r.Serve(t.Context(), server) }()
	answer := make(chan int, 1)
	go func() {
		for {
			if code := status(t, "http://"+address+"/"); code != 0 {
				answer <- code
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	<-arrived
	go func() { _ = server.Shutdown(t.Context()) }()
	if err := <-ended; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if code := <-answer; code != http.StatusOK {
		t.Errorf("the request in flight: status %d, want 200", code)
	}
}
