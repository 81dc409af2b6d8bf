//go:build !noonnx

package onnx

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
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
