//go:build unix

package imageset

import (
	"path/filepath"
	"syscall"
	"testing"
)

func pipes(t *testing.T) []string {
	name := filepath.Join(t.TempDir(), "x.png")
	if err := syscall.Mkfifo(name, 0o666); err != nil {
		t.Skip(err)
	}
	return []string{name, "/dev/zero"}
}
