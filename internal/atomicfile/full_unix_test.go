//go:build !windows

package atomicfile

import "syscall"

const diskFull = syscall.ENOSPC
