//go:build !windows

package atomicfile

import (
	"errors"
	"syscall"
)

// IsDiskFull reports whether err is what the system says when a disk or a
// quota is full.
func IsDiskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
