package stdio

import "os"

// Writer writes to a standard stream through a duplicate that lives as long as
// the write, so there is nothing to close. It is meant for output that is rare.
type Writer struct{ File *os.File }

// Write writes p in one call.
func (w Writer) Write(p []byte) (int, error) {
	f, err := Duplicate(w.File)
	if err != nil {
		return 0, err
	}
	if f != w.File {
		defer func() { _ = f.Close() }()
	}
	return f.Write(p)
}
