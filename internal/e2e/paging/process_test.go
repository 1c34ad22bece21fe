package paging_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// patience is how long a test waits for anything. The longest wait is for the
// next sign of life of the watchdog, a minute.
const patience = 100 * time.Second

// start starts a program, which does not outlive the test, and waits until it
// is ready, which it says at the address. What it writes to stderr is shown
// where the test fails.
func start(t *testing.T, ready string, cmd *exec.Cmd) {
	t.Helper()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			said := stderr.Bytes()
			t.Logf("%s said at the end:\n%s", filepath.Base(cmd.Path), said[max(0, len(said)-4000):])
		}
	})
	if !eventually(func() bool {
		status, _ := get(ready)
		return status == http.StatusOK
	}) {
		t.Fatalf("%s is not ready", cmd.Path)
	}
}

// end asks a program to end, which it has to do by itself.
func end(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	if err := cmd.Wait(); err != nil {
		t.Errorf("%s ended with %v, want exit code 0", cmd.Path, err)
	}
}

// get returns the status 0 where nobody answers.
func get(url string) (status int, body []byte) {
	response, err := http.Get(url)
	if err != nil {
		return 0, nil
	}
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	if err != nil {
		return 0, nil
	}
	return response.StatusCode, body
}

// freeAddress finds a port of the loopback interface that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// eventually waits until ok and reports whether that came.
func eventually(ok func() bool) bool {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		if ok() {
			return true
		}
	}
	return ok()
}

// write writes value as YAML to a file.
func write(t *testing.T, file string, value any) {
	t.Helper()
	text, err := yaml.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
}
