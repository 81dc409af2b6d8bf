package perf

import (
	"fmt"
	"os"
	"strings"
)

// Memory is a line of what Linux tells of the memory of a process, in bytes: RssAnon,
// what it uses beside mapped files, or VmHWM, the most that was resident. It is 0 for
// a process that has ended, and on other systems.
func Memory(pid int, line string) (n int64) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	if _, rest, ok := strings.Cut(string(status), "\n"+line+":"); ok {
		fmt.Sscan(rest, &n)
	}
	return n << 10
}
