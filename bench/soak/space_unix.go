//go:build unix

package main

import "syscall"

// space is how many bytes are free on the disk of a folder.
func space(dir string) uint64 {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return 1 << 40
	}
	return uint64(disk.Bavail) * uint64(disk.Bsize)
}
