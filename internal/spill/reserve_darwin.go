package spill

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// reserve takes the blocks of a file.
func reserve(file *os.File, size int64) error {
	store := unix.Fstore_t{Flags: unix.F_ALLOCATEALL, Posmode: unix.F_PEOFPOSMODE, Length: size}
	err := unix.FcntlFstore(file.Fd(), unix.F_PREALLOCATE, &store)
	if errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.EINVAL) {
		return writeZeros(file, size)
	}
	if err != nil {
		return os.NewSyscallError("fcntl", err)
	}
	return file.Truncate(size)
}

// folder is the folder for temporary files.
func folder() string { return os.TempDir() }
