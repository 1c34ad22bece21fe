package process

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
)

// Patience is how long a test waits for anything. The longest wait is for the
// next sign of life of the watchdog, a minute.
const Patience = 100 * time.Second

// folderVariable names the environment variable that holds the absolute path of
// the folder with the programs.
const folderVariable = "TUTORFLOW_TEST_STACK"

// Program returns the path of a program, or skips the test where there are none.
func Program(t *testing.T, name string) string {
	t.Helper()
	folder := os.Getenv(folderVariable)
	if folder == "" {
		t.Skip(folderVariable + " holds no folder with " + name + ": run make test-stack")
	}
	return filepath.Join(folder, name)
}

// Start starts a program, which does not outlive the test. What it writes to
// stderr is shown where the test fails, unless cmd sends it elsewhere.
func Start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	var stderr bytes.Buffer
	if cmd.Stderr == nil {
		cmd.Stderr = &stderr
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if said := stderr.Bytes(); t.Failed() && len(said) > 0 {
			t.Logf("%s said at the end:\n%s", filepath.Base(cmd.Path), said[max(0, len(said)-4000):])
		}
	})
}

// StartUntilReady starts a program as Start does, and waits until it is ready,
// which it says at a URL.
func StartUntilReady(t *testing.T, url string, cmd *exec.Cmd) {
	t.Helper()
	Start(t, cmd)
	if !Eventually(func() bool {
		status, _ := Get(url)
		return status == http.StatusOK
	}) {
		t.Fatalf("%s is not ready", cmd.Path)
	}
}

// End asks a program to end, which it has to do by itself.
func End(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(Patience, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	if err := cmd.Wait(); err != nil {
		t.Errorf("%s ended with %v, want exit code 0", cmd.Path, err)
	}
}

// Get returns the status 0 where nobody answers.
func Get(url string) (status int, body []byte) {
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

// FreePorts finds ports of the loopback interface that nobody listens on.
func FreePorts(t *testing.T, n int) (ports []string) {
	t.Helper()
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close() // only after all are found, so that they differ
		_, port, _ := net.SplitHostPort(listener.Addr().String())
		ports = append(ports, port)
	}
	return ports
}

// Eventually waits until ok and reports whether that came.
func Eventually(ok func() bool) bool {
	for deadline := time.Now().Add(Patience); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		if ok() {
			return true
		}
	}
	return ok()
}
