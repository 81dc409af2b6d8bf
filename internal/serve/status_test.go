package serve

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"syscall"
	"testing"

	"codegraph/internal/atomicfile"
	"codegraph/internal/serve/intake"
	"codegraph/internal/serve/store"
)

// TestStatuses: what goes wrong is answered as docs/serve.md says, however deep it lies.
func TestStatuses(t *testing.T) {
	for err, want := range map[error]int{
		store.ErrNotFound:              http.StatusNotFound,
		store.ErrBusy:                  http.StatusConflict,
		store.ErrQueueFull:             http.StatusServiceUnavailable,
		intake.ErrTooMuch:              http.StatusRequestEntityTooLarge,
		intake.ErrArchive:              http.StatusUnprocessableEntity,
		atomicfile.ErrDiskFull:         http.StatusInsufficientStorage,
		os.ErrDeadlineExceeded:         http.StatusRequestTimeout, // the client stalled
		errors.New("disk I/O error 1"): http.StatusInternalServerError,
	} {
		if got := statusOf(fmt.Errorf("receive the upload: %w", err)); got != want {
			t.Errorf("%v: status %d, want %d", err, got, want)
		}
	}
	full := &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
	if got := statusOf(full); got != http.StatusInsufficientStorage && runtime.GOOS != "windows" {
		t.Errorf("%v: status %d", full, got)
	}
}
