//go:build !noonnx

package onnx

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// entryPoint loads a library and returns the address of OrtGetApiBase.
func entryPoint(name string) (uintptr, error) {
	lib, err := windows.LoadLibrary(name)
	if err != nil {
		return 0, err
	}
	return windows.GetProcAddress(lib, "OrtGetApiBase")
}

// nativePath is a path as the library takes it.
func nativePath(path string) (unsafe.Pointer, error) {
	p, err := windows.UTF16PtrFromString(path)
	return unsafe.Pointer(p), err
}
