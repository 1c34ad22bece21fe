package telemetry_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tutorflow/observability/telemetry/catalog"
)

// closedPipe is a pipe that nobody reads any more, stalledPipe one that nobody
// reads yet.
func closedPipe(t *testing.T) *os.File {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = read.Close()
	return write
}

func stalledPipe(t *testing.T) *os.File {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = read.Close() })
	return write
}

func fullDisk(t *testing.T) *os.File {
	t.Helper()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no /dev/full")
	}
	return full
}

func TestAServiceWhoseStdoutIsGoneServesCountsAndEnds(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("descriptors are not inherited on this system")
	}
	for name, test := range map[string]struct {
		stdout func(*testing.T) *os.File
		reason string
	}{
		"closed":  {closedPipe, "write_error"},
		"stalled": {stalledPipe, "queue_full"},
		"full":    {fullDisk, "write_error"},
	} {
		t.Run(name, func(t *testing.T) {
			stdout := test.stdout(t)
			defer func() { _ = stdout.Close() }()
			p := startProcessTo(t, stdout, "TUTORFLOW_DRAIN_DELAY=0s", "TUTORFLOW_FLUSH_TIMEOUT=1s")
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}
			ask := func(path string) string {
				response, err := client.Get(p.url + path)
				if err != nil {
					t.Fatalf("the service does not answer: %v", err)
				}
				body, err := io.ReadAll(response.Body)
				_ = response.Body.Close()
				if err != nil || response.StatusCode != http.StatusOK {
					t.Errorf("GET %s: status %d, %v", path, response.StatusCode, err)
				}
				return string(body)
			}
			for range 12 { // a thousand lines each, the queue takes eight
				if got := ask("/lines"); got != "done\n" {
					t.Errorf("the service answers %q", got)
				}
			}
			lost := 0
			for deadline := time.Now().Add(20 * time.Second); lost == 0 && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
				_, rest, _ := strings.Cut(ask("/metrics"), catalog.TelemetryLogLinesDropped+`{reason="`+test.reason+`"} `)
				_, _ = fmt.Sscan(rest, &lost)
			}
			if lost == 0 {
				t.Errorf("no lost line has the reason %s on the scrape", test.reason)
			}
			if err := p.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			kill := time.AfterFunc(30*time.Second, func() { _ = p.Process.Kill() })
			defer kill.Stop()
			for p.stderr.Scan() { // to the end, lest the process waits for its reader
			}
			if err := p.Wait(); err != nil {
				t.Errorf("the process ended with %v, want exit code 0 after its flush timeout", err)
			}
		})
	}
}
