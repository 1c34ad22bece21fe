//go:build !unix

package zaplog

import "os"

func duplicate(f *os.File) (*os.File, error) { return f, nil }
