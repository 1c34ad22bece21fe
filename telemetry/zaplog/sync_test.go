package zaplog_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/tutorflow/observability/telemetry/zaplog"
)

// What cannot be synced is no failure of the log; see TestWriterFaults for what
// is.
func TestStreamsThatCannotBeSyncedEndWell(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) *os.File{
		"a pipe": func(t *testing.T) *os.File {
			read, write, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = read.Close() })
			return write
		},
		"a terminal": func(t *testing.T) *os.File { return device(t, "/dev/ptmx") },
		"a device":   func(t *testing.T) *os.File { return device(t, os.DevNull) },
		"a file": func(t *testing.T) *os.File {
			f, err := os.Create(filepath.Join(t.TempDir(), "log"))
			if err != nil {
				t.Fatal(err)
			}
			return f
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := zaplog.New(service, open(t))
			if err != nil {
				t.Fatal(err)
			}
			p.Logger().Info("m")
			if err := errors.Join(p.Logger().Sync(), p.Shutdown(t.Context())); err != nil {
				t.Error(err)
			}
			if n := dropped(p)["write_error"]; n != 0 {
				t.Errorf("%d lines are lost", n)
			}
		})
	}
}

func device(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Skipf("this system has no %s", path)
	}
	return f
}
