//go:build unix

package perf

import (
	"time"

	"golang.org/x/sys/unix"
)

// ProcessTime is the processor time that all threads of this process have used;
// 0 where the system does not tell.
func ProcessTime() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
