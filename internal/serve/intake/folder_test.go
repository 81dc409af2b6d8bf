//go:build unix

package intake_test

import (
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"codegraph/internal/serve/intake"
)

// TestFolder: of a folder that others may write to only its own regular files are
// taken, and no pipe holds anybody up.
func TestFolder(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	dir, secret := filepath.Join(base, "dir"), filepath.Join(base, "secret.png")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{filepath.Join(dir, "a.png"), secret} {
		if err := os.WriteFile(name, picture(t, 3, 2), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for from, to := range map[string]string{"file.png": secret, "folder": base, "near.png": "a.png"} {
		if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
			t.Skip(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.png"), 0o600); err != nil {
		t.Skip(err)
	}
	b := intake.New(t.TempDir(), intake.Limits{})
	done := make(chan error, 1)
	go func() { done <- b.AddFolder(t.Context(), dir) }()
	select {
	case err := <-done:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("it waits for the pipe")
	}
	if !slices.Equal(b.Files, []string{"a.png"}) || len(b.Refused) != 4 {
		t.Errorf("files %q, refused %v", b.Files, b.Refused)
	}
}
