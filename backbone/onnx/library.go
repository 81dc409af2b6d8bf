//go:build !noonnx

package onnx

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
)

// ErrNoLibrary is wrapped by the error for a machine without ONNX Runtime.
var ErrNoLibrary = errors.New("the ONNX Runtime library was not found")

var loaded struct {
	sync.Mutex
	library *runtimeLibrary
}

// load loads the library, once for the process; a failure is tried again.
func load(models string) (*runtimeLibrary, error) {
	loaded.Lock()
	defer loaded.Unlock()
	if loaded.library != nil {
		return loaded.library, nil
	}
	address, path, err := find(models)
	if err != nil {
		return nil, err
	}
	lib, err := bind(address, path)
	if err == nil {
		loaded.library = lib
	}
	return lib, err
}

// find returns the address of the library's entry point.
func find(models string) (uintptr, string, error) {
	files, names := places(models)
	for _, file := range files {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		address, err := entryPoint(file)
		if err != nil {
			return 0, "", fmt.Errorf("onnx: %s cannot be loaded as ONNX Runtime: %w", file, err)
		}
		return address, file, nil
	}
	for _, name := range names {
		if address, err := entryPoint(name); err == nil {
			return address, name, nil
		}
	}
	looked := strings.Join(files, ", ")
	if len(names) > 0 {
		looked += ", and among the system's libraries"
	}
	return 0, "", fmt.Errorf("onnx: %w; looked for %s. Get release %s or later from github.com/microsoft/onnxruntime/releases and name the library or its folder in %s",
		ErrNoLibrary, looked, oldest, LibraryEnv)
}

// Status is what is known of ONNX Runtime on a machine.
type Status struct {
	Library   string // file, or the name that the system found
	Version   string
	Providers []string // of [Providers], that the library has
}

// Look loads the library and says what it is; models is a folder in which it is
// looked for, too.
func Look(models string) (Status, error) {
	lib, err := load(models)
	if err != nil {
		return Status{}, err
	}
	has, err := lib.available()
	if err != nil {
		return Status{}, err
	}
	s := Status{Library: lib.path, Version: lib.version}
	for _, p := range providers {
		if slices.Contains(has, p.official) {
			s.Providers = append(s.Providers, p.name)
		}
	}
	return s, nil
}
