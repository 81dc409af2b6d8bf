package spill

import (
	"os"

	"golang.org/x/sys/unix"
)

// reserve takes the blocks of a file.
func reserve(file *os.File, size int64) error {
	for {
		switch err := unix.Fallocate(int(file.Fd()), 0, 0, size); err {
		case unix.EINTR:
		case unix.EOPNOTSUPP, unix.ENOSYS: // some network and FUSE file systems
			return writeZeros(file, size)
		default:
			return os.NewSyscallError("fallocate", err)
		}
	}
}

// folder is the folder for temporary files, or /var/tmp where the former is in
// memory, as it is on many distributions: what is spilled there is not saved.
func folder() string {
	const disk = "/var/tmp"
	dir := os.TempDir()
	if inMemory(dir) && !inMemory(disk) && unix.Access(disk, unix.W_OK) == nil {
		return disk
	}
	return dir
}

func inMemory(dir string) bool {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return false
	}
	kind := uint32(s.Type)
	return kind == unix.TMPFS_MAGIC || kind == unix.RAMFS_MAGIC
}
