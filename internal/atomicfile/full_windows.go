package atomicfile

import (
	"errors"
	"syscall"
)

// Of winerror.h.
const (
	errorHandleDiskFull = syscall.Errno(39)
	errorDiskFull       = syscall.Errno(112)
)

// IsDiskFull reports whether err is what the system says when a disk or a
// quota is full.
func IsDiskFull(err error) bool {
	return errors.Is(err, errorDiskFull) || errors.Is(err, errorHandleDiskFull)
}
