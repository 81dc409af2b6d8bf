//go:build noonnx

package onnx

import (
	"context"
	"errors"

	"codegraph/backbone"
)

// ErrNoLibrary is wrapped by the error for a machine without ONNX Runtime.
var ErrNoLibrary = errors.New("this program was built without ONNX Runtime (tag noonnx)")

// Network cannot be had in this build.
type Network struct{}

// Open says that there are no networks in this build.
func Open(string, string, string) (*Network, error) { return nil, ErrNoLibrary }

// Status is what is known of ONNX Runtime on a machine.
type Status struct {
	Library, Version string
	Providers        []string
}

// Look says that there is none in this build.
func Look(string) (Status, error) { return Status{}, ErrNoLibrary }

// Close does nothing.
func (*Network) Close() {}

// About says nothing.
func (*Network) About() About { return About{} }

// Info says nothing.
func (*Network) Info() backbone.Info { return backbone.Info{} }

// Forward fails.
func (*Network) Forward(context.Context, []float32, int, int) (*backbone.Features, error) {
	return nil, ErrNoLibrary
}
