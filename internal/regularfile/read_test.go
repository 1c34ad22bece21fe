//go:build unix

package regularfile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/tutorflow/observability/internal/regularfile"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(
		os.WriteFile(at("exact"), []byte(strings.Repeat("x", 10)), 0o600),
		os.WriteFile(at("long"), []byte(strings.Repeat("x", 11)), 0o600),
		os.WriteFile(at("empty"), nil, 0o600),
		os.Symlink(at("exact"), at("link")),
		syscall.Mkfifo(at("fifo"), 0o600),
	); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ path, text, err string }{
		"a file of the longest length": {at("exact"), "xxxxxxxxxx", ""},
		"an empty file":                {at("empty"), "", ""},
		"a link to a file":             {at("link"), "xxxxxxxxxx", ""},
		"a file that is too long":      {at("long"), "", "has more than 10 bytes"},
		"a pipe that nobody writes to": {at("fifo"), "", "not a regular file"},
		"a device without an end":      {"/dev/zero", "", "not a regular file"},
		"a directory":                  {dir, "", "not a regular file"},
		"no file":                      {at("nothing"), "", "no such file or directory"},
		"no path":                      {"", "", "no such file or directory"},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := regularfile.Read(test.path, 10)
			if test.err == "" {
				if err != nil || string(text) != test.text {
					t.Errorf("it is %q: %v", text, err)
				}
				return
			}
			var withPath *fs.PathError
			if !errors.As(err, &withPath) || withPath.Path != test.path || withPath.Err.Error() != test.err || text != nil {
				t.Errorf("the error is %v, want %s", err, test.err)
			}
			if err != nil && err.Error() != "read "+test.path+": "+test.err {
				t.Errorf("the error is %v", err)
			}
		})
	}
}
