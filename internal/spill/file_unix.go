//go:build !windows

package spill

import "os"

func create(dir string) (*os.File, error) { return os.CreateTemp(dir, "codegraph-spill-*") }

// unlink takes the name from a file; its blocks stay until it is unmapped.
func unlink(file *os.File) error { return os.Remove(file.Name()) }

// discard closes a file, which still has its name where New failed early.
func discard(file *os.File) error {
	os.Remove(file.Name())
	return file.Close()
}
