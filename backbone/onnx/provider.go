package onnx

import (
	"fmt"
	"slices"
	"strings"
)

// provider is what networks can run on.
type provider struct {
	name     string // for --provider
	official string // as the library lists it
	install  string // which build of the library has it
}

var providers = []provider{
	{"cpu", "CPUExecutionProvider", "every build"},
	{"cuda", "CUDAExecutionProvider", "the GPU build (onnxruntime-linux-x64-gpu), with CUDA and cuDNN"},
	{"tensorrt", "TensorrtExecutionProvider", "the GPU build (onnxruntime-linux-x64-gpu), with CUDA and TensorRT"},
	{"openvino", "OpenVINOExecutionProvider", "Intel's build (onnxruntime-openvino)"},
	{"coreml", "CoreMLExecutionProvider", "the macOS build"},
	{"directml", "DmlExecutionProvider", "the DirectML build (Microsoft.ML.OnnxRuntime.DirectML)"},
}

// Providers are the names of what networks can run on; the first is the
// default.
func Providers() (names []string) {
	for _, p := range providers {
		names = append(names, p.name)
	}
	return names
}

// providerOf looks up a provider; "" is the CPU.
func providerOf(name string) (provider, error) {
	for _, p := range providers {
		if p.name == name || name == "" {
			return p, nil
		}
	}
	return provider{}, fmt.Errorf("onnx: no provider %q; there are %s", name, strings.Join(Providers(), ", "))
}

// missing is the error for a library without p, nil if it has it.
func (p provider) missing(library, version string, has []string) error {
	if slices.Contains(has, p.official) {
		return nil
	}
	return fmt.Errorf("onnx: %s (ONNX Runtime %s) has no %s, it has %s; what has it is %s", library, version, p.official, strings.Join(has, ", "), p.install)
}
