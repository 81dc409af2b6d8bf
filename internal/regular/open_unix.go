//go:build unix

package regular

import (
	"os"
	"syscall"
)

// openNow opens a file for reading without waiting for a writer, should it be a pipe.
func openNow(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}
