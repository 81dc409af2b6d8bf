package spill

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"unsafe"

	"codegraph/internal/atomicfile"
	"github.com/edsrzf/mmap-go"
)

// ErrDiskFull marks the error of New where the folder has no room. It is also
// an atomicfile.ErrDiskFull.
var ErrDiskFull = fmt.Errorf("for spilled numbers there is %w", atomicfile.ErrDiskFull)

// File is a slice of numbers in a temporary file.
type File struct {
	file   *os.File
	mapped mmap.MMap
	values []float32
}

// New makes a file of values zeros in dir; "" is folder(). what names them in
// errors ("the distance table"). Close releases the file.
func New(dir, what string, values int) (_ *File, err error) {
	if values < 1 || values > math.MaxInt/4 {
		return nil, fmt.Errorf("spill %s: %d numbers", what, values)
	}
	if dir == "" {
		dir = folder()
	}
	size := 4 * int64(values)
	file, err := create(dir)
	if err != nil {
		return nil, describe(what, dir, size, err)
	}
	f := &File{file: file}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	if err := reserve(file, size); err != nil {
		return nil, describe(what, dir, size, err)
	}
	if f.mapped, err = mmap.MapRegion(file, int(size), mmap.RDWR, 0, 0); err != nil {
		return nil, describe(what, dir, size, err)
	}
	if err := unlink(file); err != nil {
		return nil, describe(what, dir, size, err)
	}
	f.values = unsafe.Slice((*float32)(unsafe.Pointer(&f.mapped[0])), values)
	return f, nil
}

// Values returns the numbers. They must not be used after Close.
func (f *File) Values() []float32 { return f.values }

// Doubles returns the same memory as numbers of 64 bits, half as many.
func (f *File) Doubles() []float64 {
	return unsafe.Slice((*float64)(unsafe.Pointer(&f.mapped[0])), len(f.values)/2)
}

// Uint16s returns the same memory as numbers of 16 bits, twice as many.
func (f *File) Uint16s() []uint16 {
	return unsafe.Slice((*uint16)(unsafe.Pointer(&f.mapped[0])), 2*len(f.values))
}

// Bytes are the values as four bytes each.
func (f *File) Bytes() []uint8 {
	return unsafe.Slice((*uint8)(unsafe.Pointer(unsafe.SliceData(f.values))), 4*len(f.values))
}

// Close releases the numbers and the disk space. A nil or closed File stays
// as it is.
func (f *File) Close() error {
	if f == nil || f.file == nil {
		return nil
	}
	var err error
	if f.mapped != nil {
		err = f.mapped.Unmap()
	}
	file := f.file
	f.file, f.mapped, f.values = nil, nil, nil
	return errors.Join(err, discard(file))
}

// describe keeps the cause of an error and says what was to be written where.
func describe(what, dir string, size int64, err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = pe.Err
	}
	if atomicfile.IsDiskFull(err) {
		err = ErrDiskFull
	}
	return fmt.Errorf("spill %d MiB of %s to %s: %w", (size+1<<20-1)>>20, what, dir, err)
}

// writeZeros takes the blocks of a file where nothing can reserve them.
func writeZeros(file *os.File, size int64) error {
	zeros := make([]byte, min(size, 1<<20))
	for at := int64(0); at < size; at += int64(len(zeros)) {
		if _, err := file.WriteAt(zeros[:min(int64(len(zeros)), size-at)], at); err != nil {
			return err
		}
	}
	return nil
}
