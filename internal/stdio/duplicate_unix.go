//go:build unix

package stdio

import (
	"os"
	"syscall"
)

// Duplicate returns a file that writes where f does; the caller closes it. It
// fails if f is closed.
func Duplicate(f *os.File) (*os.File, error) {
	conn, err := f.SyscallConn() // unlike Fd it leaves the file's mode alone
	if err != nil {
		return nil, err
	}
	var fd int
	var dupErr error
	err = conn.Control(func(old uintptr) {
		syscall.ForkLock.RLock() // no child may inherit it before it is marked
		defer syscall.ForkLock.RUnlock()
		if fd, dupErr = syscall.Dup(int(old)); dupErr == nil {
			syscall.CloseOnExec(fd)
		}
	})
	if err != nil {
		return nil, err
	}
	if dupErr != nil {
		return nil, dupErr
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}
