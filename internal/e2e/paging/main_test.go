package paging_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// A connection that is kept open would be a goroutine that is left behind.
	http.DefaultTransport.(*http.Transport).DisableKeepAlives = true
	goleak.VerifyTestMain(m)
}

// binariesVariable names the environment variable that holds the absolute path
// of the folder with alertmanager, prometheus and tutorflow.
const binariesVariable = "TUTORFLOW_TEST_STACK"

// binary returns the path of a program, or skips the test where there are none.
func binary(t *testing.T, name string) string {
	t.Helper()
	folder := os.Getenv(binariesVariable)
	if folder == "" {
		t.Skip(binariesVariable + " holds no folder with alertmanager, prometheus and tutorflow: run make test-stack")
	}
	return filepath.Join(folder, name)
}
