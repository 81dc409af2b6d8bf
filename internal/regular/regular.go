// Package regular opens files that people name: regular ones only. A pipe without a
// writer would be waited for without end, and a device read without one.
package regular

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Wrapped by the errors of Open and Read.
var (
	ErrOther  = errors.New("it is a pipe, a socket or a device, not a file")
	ErrFolder = errors.New("it is a folder")
	ErrLong   = errors.New("the file is longer than such a file is")
)

// Open opens a regular file for reading, and waits for nobody.
func Open(path string) (*os.File, error) {
	// Before it is opened, too: opening a device may do something.
	info, err := os.Stat(path)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.Unwrap(err)}
	}
	if err := check(path, info); err != nil {
		return nil, err
	}
	f, err := openNow(path)
	if err != nil {
		return nil, err
	}
	// What the name stands for may have changed since.
	if info, err = f.Stat(); err == nil {
		err = check(path, info)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func check(path string, info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return &fs.PathError{Op: "open", Path: path, Err: ErrFolder}
	case !info.Mode().IsRegular():
		return &fs.PathError{Op: "open", Path: path, Err: ErrOther}
	}
	return nil
}

// Read reads a regular file of at most most bytes.
func Read(path string, most int64) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(data)) > most {
		err = &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("%w: over %d bytes", ErrLong, most)}
	}
	return data, err
}
