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
// for what makes room: removing a run and noting how one ended. It is given away in
// pieces, each of which is enough for one change.
const (
	reserveName  = "reserve"
	reserveSize  = 2 << 20
	reservePiece = 64 << 10
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

// withReserve runs f, and on a full disk again in the space of the reserve while there
// is some: others write meanwhile, too.
func (s *Store) withReserve(f func() error) error {
	err := described(f())
	for errors.Is(err, atomicfile.ErrDiskFull) && s.giveReserve() {
		err = described(f())
	}
	s.keepReserve()
	return err
}

// giveReserve makes the reserve smaller by a piece; it reports whether there was one.
func (s *Store) giveReserve() bool {
	s.reserving.Lock()
	defer s.reserving.Unlock()
	name := filepath.Join(s.dir, reserveName)
	info, err := os.Stat(name)
	if err != nil || info.Size() == 0 {
		return false
	}
	return os.Truncate(name, max(0, info.Size()-reservePiece)) == nil
}

// keepReserve makes the reserve whole where there is space for that.
func (s *Store) keepReserve() {
	s.reserving.Lock()
	defer s.reserving.Unlock()
	f, err := os.OpenFile(filepath.Join(s.dir, reserveName), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() >= reserveSize {
		return
	}
	// Not zeros, which some file systems do not store.
	if _, err := f.Write(bytes.Repeat([]byte("reserve\n"), int(reserveSize-info.Size())/8)); err != nil {
		f.Truncate(info.Size())
	}
}
