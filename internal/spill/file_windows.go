package spill

import (
	"crypto/rand"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// create makes a file that the system removes with its last handle, also when
// the process is killed.
func create(dir string) (*os.File, error) {
	name := filepath.Join(dir, "codegraph-spill-"+rand.Text())
	return os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL|windows.FILE_FLAG_DELETE_ON_CLOSE, 0o600)
}

func unlink(*os.File) error { return nil }

func discard(file *os.File) error { return file.Close() }

// reserve sets the size; NTFS takes the clusters of a file that is not sparse.
func reserve(file *os.File, size int64) error { return file.Truncate(size) }

// folder is the folder for temporary files.
func folder() string { return os.TempDir() }
