//go:build !linux

package tempdir

// InMemory does nothing where there is no file system in memory.
func InMemory() {}
