//go:build !noonnx

package onnx

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"codegraph/backbone"
)

// Network is a network on ONNX Runtime. It is safe for concurrent use.
type Network struct {
	session *session
	about   About
	info    backbone.Info
	layers  []string
	class   string // output that is the class token; "": the last layer's first token
	names   []string
}

var _ backbone.Backbone = (*Network)(nil)

// probeSize is the input side a network that takes any is tried at.
const probeSize = 224

// Open loads a network for a provider of [Providers]; "" is the first. models
// is a folder in which the library is looked for, too; "" is none.
func Open(path, on, models string) (*Network, error) {
	p, err := providerOf(on)
	if err != nil {
		return nil, err
	}
	settings, err := readSettings(path)
	if err != nil {
		return nil, err
	}
	if err := checkFile(path); err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	lib, err := load(models)
	if err != nil {
		return nil, err
	}
	has, err := lib.available()
	if err == nil {
		err = p.missing(lib.path, lib.version, has)
	}
	if err != nil {
		return nil, err
	}
	s, err := lib.newSession(path, p)
	if err != nil {
		return nil, err
	}
	n := &Network{session: s, about: About{Library: lib.path, Version: lib.version, Provider: p.name, Settings: settings}}
	if err := n.recognise(path); err != nil {
		s.close()
		return nil, fmt.Errorf("onnx: %s: %w", path, err)
	}
	return n, nil
}

// Close releases the network, which must not be in use.
func (n *Network) Close() { n.session.close() }

// About says what is known of the network.
func (n *Network) About() About { return n.about }

// Info describes the network to the pipeline.
func (n *Network) Info() backbone.Info {
	i := n.info
	i.Radii, i.Layers = slices.Clone(i.Radii), slices.Clone(i.Layers)
	return i
}

// inputSize checks the input and says which side the network takes, and
// whether no other.
func (n *Network) inputSize() (size int, fixed bool, err error) {
	in, s := n.session.input, n.about.Settings
	if in.none || in.kind != floats || len(in.dims) != 4 || in.dims[0] > 1 || in.dims[1] > 0 && in.dims[1] != 3 {
		return 0, false, fmt.Errorf("input %s is %v of element type %d: it takes [1 3 H W] in single precision", in.name, in.dims, in.kind)
	}
	h, w := in.dims[2], in.dims[3]
	switch {
	case h > 0 && w > 0 && (h != w || h > 1<<14):
		return 0, false, fmt.Errorf("input %s is %d × %d: it takes a square", in.name, h, w)
	case h > 0 || w > 0:
		return int(max(h, w)), true, nil
	case s.Size > 0:
		return s.Size, false, nil
	}
	return probeSize, false, nil
}

// recognise runs an empty image to see which outputs are what.
func (n *Network) recognise(path string) error {
	size, fixed, err := n.inputSize()
	if err != nil {
		return err
	}
	for _, o := range n.session.outputs {
		n.names = append(n.names, o.name)
	}
	if len(n.names) == 0 {
		return fmt.Errorf("it has no output")
	}
	shapes := make(map[string]shape)
	err = n.session.run(make([]float32, 3*size*size), []int64{1, 3, int64(size), int64(size)}, n.names, func(results []result) error {
		for i, r := range results {
			if r.data != nil {
				shapes[n.names[i]] = recognise(r.dims, size)
			}
			n.about.Outputs = append(n.about.Outputs, Output{n.names[i], r.dims, shapes[n.names[i]].String()})
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("it does not run at %d × %d pixels (a size may stand in %s): %w", size, size, sideFile(path), err)
	}
	if err := notDetector(n.names, shapes); err != nil {
		return err
	}
	if err := n.choose(shapes); err != nil {
		return err
	}
	return n.describe(path, shapes, size, fixed)
}

// choose takes the outputs that are layers and the class token.
func (n *Network) choose(shapes map[string]shape) error {
	s := n.about.Settings
	n.layers = s.Outputs
	if len(s.Outputs) == 0 {
		n.layers = slices.DeleteFunc(slices.Clone(n.names), func(name string) bool { return !shapes[name].spatial() })
	}
	all := n.names
	for _, name := range n.layers {
		if !slices.Contains(all, name) || !shapes[name].spatial() {
			return fmt.Errorf("output %s is not a layer; there are %s", name, n.about.outputs())
		}
	}
	if len(n.layers) == 0 {
		return fmt.Errorf("no output is a sequence of tokens [1 T C] or a feature map [1 C H W] in single precision; there are %s", n.about.outputs())
	}
	n.names = slices.Clone(n.layers)
	if s.Class != "" && s.Class != noClass {
		if !slices.Contains(all, s.Class) || shapes[s.Class].form != vector {
			return fmt.Errorf("output %s is not a class token [1 C]; there are %s", s.Class, n.about.outputs())
		}
		n.class, n.names = s.Class, append(n.names, s.Class)
	}
	return nil
}

// describe fills in Info.
func (n *Network) describe(path string, shapes map[string]shape, size int, fixed bool) error {
	s := n.about.Settings
	digest, err := digest(path, n.about, n.layers)
	if err != nil {
		return err
	}
	last, least, maps := shapes[n.layers[len(n.layers)-1]], size, false
	for _, name := range n.layers {
		least, maps = min(least, shapes[name].h), maps || shapes[name].form != sequence
	}
	n.info = backbone.Info{
		Name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), Digest: digest,
		Multiple: max(1, size/least), Size: size, Fixed: fixed, Grid: s.Grid, Radii: s.Radii, Layers: slices.Clone(n.layers),
		ClassToken: n.class != "" || last.prefix > 0 && s.Class != noClass,
		Mean:       [3]float32(s.Mean), Std: [3]float32(s.Std),
	}
	if n.info.Grid == 0 && maps {
		n.info.Grid = mapGrid
	}
	if len(s.Radii) == 0 {
		n.info.Radii = []int{1, 3, 5}
	}
	return nil
}

// mapGrid is the default grid of feature maps, which differ in size.
const mapGrid = 28

// Forward embeds one image x, [3][h][w], on one thread of the library. ctx is
// looked at before.
func (n *Network) Forward(ctx context.Context, x []float32, h, w int) (*backbone.Features, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	switch {
	case h != w || h < 1 || len(x) != 3*h*w:
		return nil, fmt.Errorf("onnx: input of %d values for %d × %d: it takes squares of 3 channels", len(x), h, w)
	case n.info.Fixed && h != n.info.Size:
		return nil, fmt.Errorf("onnx: input of %d × %d: %s takes %d × %d only", h, w, n.info.Name, n.info.Size, n.info.Size)
	}
	f := new(backbone.Features)
	err := n.session.run(x, []int64{1, 3, int64(h), int64(w)}, n.names, func(results []result) error {
		return n.features(f, results, h)
	})
	if err != nil {
		return nil, fmt.Errorf("onnx: %s at %d × %d pixels: %w", n.info.Name, h, w, err)
	}
	return f, nil
}

// features copies what a run gave.
func (n *Network) features(f *backbone.Features, results []result, size int) error {
	for i, r := range results {
		if at := slices.IndexFunc(r.data, func(v float32) bool { return v-v != 0 }); at >= 0 {
			return fmt.Errorf("output %s has the value %v: weights or input are damaged", n.names[i], r.data[at])
		}
		s := recognise(r.dims, size)
		if r.data == nil || s.form == other {
			return fmt.Errorf("output %s of %v cannot be read as patches: try another size", n.names[i], r.dims)
		}
		if i == len(n.layers) {
			f.Class = unit(r.data)
			continue
		}
		f.Layers = append(f.Layers, s.layer(r.data))
		if i == len(n.layers)-1 && n.class == "" && n.info.ClassToken && s.prefix > 0 {
			f.Class = unit(r.data[:s.c])
		}
	}
	return nil
}

// unit is v at unit length: our choice, since nothing says what family an .onnx
// file is of.
func unit(v []float32) []float32 {
	var squares float64
	for _, x := range v {
		squares += float64(x) * float64(x)
	}
	out := slices.Clone(v)
	if squares > 0 {
		for i := range out {
			out[i] /= float32(math.Sqrt(squares))
		}
	}
	return out
}
