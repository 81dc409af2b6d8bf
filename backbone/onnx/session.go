//go:build !noonnx

package onnx

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"
)

// floats is ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT.
const floats = 1

// session is a loaded network.
type session struct {
	lib     *runtimeLibrary
	pointer handle
	input   port
	outputs []port
}

// port is an input or an output.
type port struct {
	name string
	kind int32   // element type
	dims []int64 // below 1: any
	none bool    // no tensor
}

// newSession loads a network.
func (l *runtimeLibrary) newSession(path string, p provider) (*session, error) {
	var options handle
	if err := l.check(l.CreateOptions(&options)); err != nil {
		return nil, err
	}
	defer l.ReleaseOptions(options)
	const all = 99 // optimisations
	err := errors.Join(l.check(l.SetOptimization(options, all)), l.check(l.SetThreads(options, 1)))
	if err != nil {
		return nil, err
	}
	if err := l.use(options, p); err != nil {
		return nil, fmt.Errorf("onnx: %s (ONNX Runtime %s) cannot use %s; it takes %s: %w", l.path, l.version, p.official, p.install, err)
	}
	native, err := nativePath(path)
	if err != nil {
		return nil, err
	}
	s := &session{lib: l}
	if err := l.check(l.CreateSession(l.env, native, options, &s.pointer)); err != nil {
		return nil, fmt.Errorf("onnx: %s is not a network that ONNX Runtime %s can run: %w", path, l.version, err)
	}
	runtime.KeepAlive(native)
	if err := s.describe(); err != nil {
		s.close()
		return nil, fmt.Errorf("onnx: %s: %w", path, err)
	}
	return s, nil
}

// use adds a provider to the options; the CPU is always behind it.
func (l *runtimeLibrary) use(options handle, p provider) error {
	switch p.name {
	case "cpu":
		return nil
	case "cuda":
		return l.useNVIDIA(options, l.CreateCUDA, l.AppendCUDA, l.ReleaseCUDA)
	case "tensorrt":
		if err := l.useNVIDIA(options, l.CreateTensorRT, l.AppendTensorRT, l.ReleaseTensorRT); err != nil {
			return err
		}
		return l.useNVIDIA(options, l.CreateCUDA, l.AppendCUDA, l.ReleaseCUDA)
	}
	name := map[string]string{"openvino": "OpenVINO", "coreml": "CoreML", "directml": "DML"}[p.name]
	return l.check(l.AppendProvider(options, name, nil, nil, 0))
}

func (l *runtimeLibrary) useNVIDIA(options handle, create func(*handle) handle, add func(options, provider handle) handle, release func(handle)) error {
	var h handle
	if err := l.check(create(&h)); err != nil {
		return err
	}
	defer release(h)
	return l.check(add(options, h))
}

// describe reads the names and shapes of the input and the outputs.
func (s *session) describe() error {
	l := s.lib
	var in, out uintptr
	if err := errors.Join(l.check(l.InputCount(s.pointer, &in)), l.check(l.OutputCount(s.pointer, &out))); err != nil {
		return err
	}
	if in != 1 {
		return fmt.Errorf("%d inputs: it takes one, an image", in)
	}
	var err error
	if s.input, err = s.port(0, l.InputName, l.InputType); err != nil {
		return err
	}
	for i := range out {
		p, err := s.port(i, l.OutputName, l.OutputType)
		if err != nil {
			return err
		}
		s.outputs = append(s.outputs, p)
	}
	return nil
}

func (s *session) port(i uintptr, name func(handle, uintptr, handle, *unsafe.Pointer) handle, kind func(handle, uintptr, *handle) handle) (p port, err error) {
	l := s.lib
	var c unsafe.Pointer
	if err := l.check(name(s.pointer, i, l.allocator, &c)); err != nil {
		return p, err
	}
	p.name = text(c)
	if err := l.check(l.Free(l.allocator, c)); err != nil {
		return p, err
	}
	var t, info handle
	if err := l.check(kind(s.pointer, i, &t)); err != nil {
		return p, err
	}
	defer l.ReleaseType(t)
	if err := l.check(l.TensorInfo(t, &info)); err != nil {
		return p, err
	}
	if p.none = info == 0; p.none {
		return p, nil
	}
	p.kind, p.dims, err = l.tensor(info)
	return p, err
}

// tensor reads element type and dimensions.
func (l *runtimeLibrary) tensor(info handle) (kind int32, dims []int64, err error) {
	var n uintptr
	if err := errors.Join(l.check(l.ElementType(info, &kind)), l.check(l.DimensionCount(info, &n))); err != nil {
		return 0, nil, err
	}
	if n == 0 {
		return kind, nil, nil
	}
	dims = make([]int64, n)
	return kind, dims, l.check(l.Dimensions(info, &dims[0], n))
}

// result is an output of a run, valid until its release.
type result struct {
	dims []int64
	data []float32 // nil if it is not a tensor of single precision
}

// run runs an image x of the dimensions given and hands the outputs named to
// use, which must not keep them.
func (s *session) run(x []float32, dims []int64, names []string, use func([]result) error) error {
	l := s.lib
	var pins runtime.Pinner
	defer pins.Unpin()
	pins.Pin(&x[0])
	var input handle
	err := l.check(l.CreateTensor(l.memory, &x[0], uintptr(4*len(x)), &dims[0], uintptr(len(dims)), floats, &input))
	if err != nil {
		return err
	}
	defer l.ReleaseValue(input)
	in, out := cStrings(&pins, []string{s.input.name}), cStrings(&pins, names)
	values := make([]handle, len(names))
	if err := l.check(l.Run(s.pointer, 0, &in[0], &input, 1, &out[0], uintptr(len(out)), &values[0])); err != nil {
		return err
	}
	defer func() {
		for _, v := range values {
			l.ReleaseValue(v)
		}
	}()
	results := make([]result, len(values))
	for i, v := range values {
		if results[i], err = l.result(v); err != nil {
			return fmt.Errorf("output %s: %w", names[i], err)
		}
	}
	return use(results)
}

// cStrings are strings as C takes them.
func cStrings(pins *runtime.Pinner, s []string) []*byte {
	out := make([]*byte, len(s))
	for i, v := range s {
		b := append([]byte(v), 0)
		pins.Pin(&b[0])
		out[i] = &b[0]
	}
	return out
}

func (l *runtimeLibrary) result(value handle) (r result, err error) {
	var info handle
	if err := l.check(l.ValueInfo(value, &info)); err != nil {
		return r, err
	}
	defer l.ReleaseInfo(info)
	kind, dims, err := l.tensor(info)
	if err != nil {
		return r, err
	}
	r.dims = dims
	n := int64(1)
	for _, d := range dims {
		n *= d
	}
	if kind != floats || n <= 0 {
		return r, nil
	}
	var p unsafe.Pointer
	if err := l.check(l.TensorData(value, &p)); err != nil {
		return r, err
	}
	r.data = unsafe.Slice((*float32)(p), n)
	return r, nil
}

func (s *session) close() { s.lib.ReleaseSession(s.pointer) }
