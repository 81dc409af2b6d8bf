//go:build !noonnx && !windows

package onnx

import (
	"unsafe"

	"github.com/ebitengine/purego"
)

// entryPoint loads a library and returns the address of OrtGetApiBase.
func entryPoint(name string) (uintptr, error) {
	lib, err := purego.Dlopen(name, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return 0, err
	}
	return purego.Dlsym(lib, "OrtGetApiBase")
}

// nativePath is a path as the library takes it.
func nativePath(path string) (unsafe.Pointer, error) {
	b := append([]byte(path), 0)
	return unsafe.Pointer(&b[0]), nil
}
