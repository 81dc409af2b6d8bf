package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"modernc.org/sqlite"

	"codegraph/internal/atomicfile"
)

// reserveName is a file that takes space, so that on a full disk there is some
// for what makes room: removing a run and noting how one ended.
const (
	reserveName = "reserve"
	reserveSize = 1 << 20
)

// SQLite's codes of writes that found no space: SQLITE_FULL, and the kinds of
// SQLITE_IOERR that a full disk ends in (sqlite.org/rescode.html).
const (
	sqliteFull  = 13
	ioWrite     = 778
	ioFsync     = 1034
	ioShmSize   = 4874
	ioTruncate  = 1546
	primaryCode = 0xff // the lowest byte of a code is its primary one
)

// described marks the database's errors of a full disk as atomicfile's.
func described(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) || errors.Is(err, atomicfile.ErrDiskFull) {
		return err
	}
	switch code := e.Code(); {
	case code&primaryCode == sqliteFull, code == ioWrite, code == ioFsync, code == ioShmSize, code == ioTruncate:
		return fmt.Errorf("%w: %w", atomicfile.ErrDiskFull, err)
	}
	return err
}

// withReserve runs f, and once more in the space of the reserve if the disk is full.
func (s *Store) withReserve(f func() error) error {
	err := described(f())
	if errors.Is(err, atomicfile.ErrDiskFull) && os.Remove(filepath.Join(s.dir, reserveName)) == nil {
		err = described(f())
	}
	s.keepReserve()
	return err
}

// keepReserve makes the reserve where it is missing and there is space.
func (s *Store) keepReserve() {
	name := filepath.Join(s.dir, reserveName)
	if _, err := os.Stat(name); err == nil {
		return
	}
	// Not zeros, which some file systems do not store.
	if err := os.WriteFile(name, bytes.Repeat([]byte("reserve\n"), reserveSize/8), 0o600); err != nil {
		os.Remove(name)
	}
}
