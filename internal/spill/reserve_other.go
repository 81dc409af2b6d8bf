//go:build !linux && !darwin && !windows

package spill

import "os"

func reserve(file *os.File, size int64) error { return writeZeros(file, size) }

// folder is the folder for temporary files.
func folder() string { return os.TempDir() }
