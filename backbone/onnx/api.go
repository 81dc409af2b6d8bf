//go:build !noonnx

package onnx

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unsafe"

	"github.com/ebitengine/purego"
)

// apiVersion is the version of the C API that is asked for: that of release
// 1.17, which later ones serve, too.
const apiVersion = 17

// oldest is the first release that serves it.
const oldest = "1.17"

// handle is an object of the library; 0 is none.
type handle uintptr

// api holds functions of the library. The tags are places in
// struct OrtApi (onnxruntime_c_api.h), which are the same in every release.
type api struct {
	ErrorMessage    func(status handle) string                                                                                         `at:"2"`
	CreateEnv       func(level int32, id string, out *handle) handle                                                                   `at:"3"`
	CreateSession   func(env handle, path unsafe.Pointer, options handle, out *handle) handle                                          `at:"7"`
	Run             func(session, options handle, in **byte, values *handle, n uintptr, out **byte, m uintptr, results *handle) handle `at:"9"`
	CreateOptions   func(out *handle) handle                                                                                           `at:"10"`
	SetOptimization func(options handle, level int32) handle                                                                           `at:"23"`
	SetThreads      func(options handle, n int32) handle                                                                               `at:"24"`
	InputCount      func(session handle, out *uintptr) handle                                                                          `at:"30"`
	OutputCount     func(session handle, out *uintptr) handle                                                                          `at:"31"`
	InputType       func(session handle, i uintptr, out *handle) handle                                                                `at:"33"`
	OutputType      func(session handle, i uintptr, out *handle) handle                                                                `at:"34"`
	InputName       func(session handle, i uintptr, allocator handle, out *unsafe.Pointer) handle                                      `at:"36"`
	OutputName      func(session handle, i uintptr, allocator handle, out *unsafe.Pointer) handle                                      `at:"37"`
	CreateTensor    func(memory handle, data *float32, size uintptr, shape *int64, n uintptr, kind int32, out *handle) handle          `at:"49"`
	TensorData      func(value handle, out *unsafe.Pointer) handle                                                                     `at:"51"`
	TensorInfo      func(info handle, out *handle) handle                                                                              `at:"55"`
	ElementType     func(info handle, out *int32) handle                                                                               `at:"60"`
	DimensionCount  func(info handle, out *uintptr) handle                                                                             `at:"61"`
	Dimensions      func(info handle, out *int64, n uintptr) handle                                                                    `at:"62"`
	ValueInfo       func(value handle, out *handle) handle                                                                             `at:"65"`
	CreateMemory    func(allocator, kind int32, out *handle) handle                                                                    `at:"69"`
	Free            func(allocator handle, p unsafe.Pointer) handle                                                                    `at:"76"`
	Allocator       func(out *handle) handle                                                                                           `at:"78"`
	ReleaseStatus   func(handle)                                                                                                       `at:"93"`
	ReleaseSession  func(handle)                                                                                                       `at:"95"`
	ReleaseValue    func(handle)                                                                                                       `at:"96"`
	ReleaseType     func(handle)                                                                                                       `at:"98"`
	ReleaseInfo     func(handle)                                                                                                       `at:"99"`
	ReleaseOptions  func(handle)                                                                                                       `at:"100"`
	Providers       func(out *unsafe.Pointer, n *int32) handle                                                                         `at:"125"`
	FreeProviders   func(p unsafe.Pointer, n int32) handle                                                                             `at:"126"`
	AppendTensorRT  func(options, provider handle) handle                                                                              `at:"170"`
	CreateTensorRT  func(out *handle) handle                                                                                           `at:"171"`
	ReleaseTensorRT func(handle)                                                                                                       `at:"174"`
	AppendCUDA      func(options, provider handle) handle                                                                              `at:"204"`
	CreateCUDA      func(out *handle) handle                                                                                           `at:"205"`
	ReleaseCUDA     func(handle)                                                                                                       `at:"208"`
	AppendProvider  func(options handle, name string, keys, values **byte, n uintptr) handle                                           `at:"216"`
}

// runtimeLibrary is the loaded library.
type runtimeLibrary struct {
	api
	path, version string
	env, memory   handle
	allocator     handle
}

// bind takes the function table out of the library whose OrtGetApiBase is at
// the address.
func bind(address uintptr, path string) (*runtimeLibrary, error) {
	var getBase func() *[2]uintptr // GetApi, GetVersionString
	purego.RegisterFunc(&getBase, address)
	base := getBase()
	var version func() string
	purego.RegisterFunc(&version, base[1])
	var getAPI func(version uint32) unsafe.Pointer
	purego.RegisterFunc(&getAPI, base[0])
	lib := &runtimeLibrary{path: path, version: version()}
	table := getAPI(apiVersion)
	if table == nil {
		return nil, fmt.Errorf("onnx: %s is ONNX Runtime %s; it takes %s or later", path, lib.version, oldest)
	}
	fields := reflect.ValueOf(&lib.api).Elem()
	for i := range fields.NumField() {
		at, err := strconv.Atoi(fields.Type().Field(i).Tag.Get("at"))
		if err != nil {
			return nil, fmt.Errorf("onnx: %w", err)
		}
		purego.RegisterFunc(fields.Field(i).Addr().Interface(), *(*uintptr)(unsafe.Add(table, at*int(unsafe.Sizeof(uintptr(0))))))
	}
	return lib, lib.start()
}

// start makes what all sessions share.
func (l *runtimeLibrary) start() error {
	const fatalOnly, deviceAllocator, defaultMemory = 4, 0, 0 // errors are returned, too
	return errors.Join(
		l.check(l.CreateEnv(fatalOnly, "codegraph", &l.env)),
		l.check(l.CreateMemory(deviceAllocator, defaultMemory, &l.memory)),
		l.check(l.Allocator(&l.allocator)),
	)
}

// check turns a status into an error and releases it.
func (l *runtimeLibrary) check(status handle) error {
	if status == 0 {
		return nil
	}
	message := l.ErrorMessage(status)
	l.ReleaseStatus(status)
	return errors.New(strings.TrimSpace(message))
}

// text copies a C string.
func text(p unsafe.Pointer) string {
	if p == nil {
		return ""
	}
	n := 0
	for *(*byte)(unsafe.Add(p, n)) != 0 {
		n++
	}
	return string(unsafe.Slice((*byte)(p), n))
}

// available lists the providers that the library was built with.
func (l *runtimeLibrary) available() ([]string, error) {
	var list unsafe.Pointer
	var n int32
	if err := l.check(l.Providers(&list, &n)); err != nil {
		return nil, err
	}
	var names []string
	for _, p := range unsafe.Slice((*unsafe.Pointer)(list), n) {
		names = append(names, text(p))
	}
	return names, l.check(l.FreeProviders(list, n))
}
