//go:build cgo

package webgpu

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// takeStdout keeps standard output for the protocol alone: what a driver prints there goes to standard error.
func takeStdout() (*os.File, error) {
	fd, err := unix.FcntlInt(1, unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, fmt.Errorf("cannot keep standard output: %w", err)
	}
	if err := unix.Dup2(2, 1); err != nil {
		return nil, fmt.Errorf("cannot redirect standard output: %w", err)
	}
	return os.NewFile(uintptr(fd), "protocol"), nil
}
