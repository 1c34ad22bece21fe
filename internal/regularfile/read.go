package regularfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Read reads the file at path, which has at most most bytes. A file that is not
// regular is an error and is not opened; symbolic links are followed. Errors are
// of type *fs.PathError, for callers that name the path themselves.
func Read(path string, most int64) ([]byte, error) {
	text, err := read(path, most)
	if err != nil {
		var withPath *fs.PathError
		if errors.As(err, &withPath) {
			err = withPath.Err
		}
		return nil, &fs.PathError{Op: "read", Path: path, Err: err}
	}
	return text, nil
}

func read(path string, most int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	// Its size says nothing: it may grow, and files of the kernel have none.
	text, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("has more than %d bytes", most)
	}
	return text, err
}
