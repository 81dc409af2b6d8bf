//go:build amd64 && !noasm

package cpu

import (
	"sync"
	"syscall"
)

// permitTiles asks the system once for the use of tile registers, without which
// they fault (Linux 5.16 and later, Documentation/arch/x86/xstate.rst).
var permitTiles = sync.OnceValue(func() bool {
	const requestComponent, tileData = 0x1023, 18
	_, _, errno := syscall.Syscall(syscall.SYS_ARCH_PRCTL, requestComponent, tileData, 0)
	return errno == 0
})
