package vit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"sync"

	"codegraph/backbone"
	"codegraph/internal/checkpoint"
	"codegraph/internal/gemm"
)

// Network is a vision transformer. It is safe for concurrent use.
type Network struct {
	arch     Arch
	info     backbone.Info
	patch    linear
	prefix   []float32 // class token and registers
	position []float32 // of patches, nil: rotary
	pre      *norm
	blocks   []*block
	final    norm
	project  *gemm.Packed

	mu    sync.Mutex
	grids map[[2]int]*grid

	scratch sync.Pool // of *state
}

var _ backbone.Backbone = (*Network)(nil)

// Options say how a network is loaded.
type Options struct {
	// Fast rounds the linear layers of the blocks to 16 bits, where the
	// processor is faster at those: to bfloat16 with AMX, to integers with
	// AVX512_VNNI. Elsewhere it changes nothing. It halves the memory.
	Fast bool
}

// Open reads a checkpoint: a file of safetensors or of torch.save, the index of
// a sharded one or a folder with one of these. Weights are packed once; the file is closed again.
func Open(path string, opts Options) (*Network, error) {
	return read(path, opts.Fast && gemm.Fast())
}

// read is Open where the processor does not matter.
func read(path string, words bool) (*Network, error) {
	f, c, err := open(path)
	if err != nil {
		return nil, err
	}
	digest := make(chan string, 1)
	go func() { digest <- f.Digest() }() // while the weights are packed
	n, err := load(f, c, words)
	sum := <-digest
	if err != nil {
		return nil, errors.Join(fmt.Errorf("vit: %s: %w", path, err), f.Close())
	}
	if words {
		sum += " " + gemm.FastFormat() // other tokens, not to be mixed up with exact ones
	}
	n.info = n.arch.info(sum)
	return n, f.Close()
}

// Inspect recognises a checkpoint without loading it. Parameters and DType
// are not filled in.
func Inspect(path string) (*Arch, error) {
	f, c, err := open(path)
	if err != nil {
		return nil, err
	}
	_, a, err := recognise(f, c)
	if err != nil {
		err = fmt.Errorf("vit: %s: %w", path, err)
	}
	return a, errors.Join(err, f.Close())
}

// open opens a checkpoint and the configuration beside it.
func open(path string) (*checkpoint.File, *config, error) {
	f, err := checkpoint.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("vit: %w", err)
	}
	c, err := readConfig(filepath.Dir(f.Paths()[0]))
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("vit: %w", err), f.Close())
	}
	return f, c, nil
}

// load builds the network without its Info.
func load(f *checkpoint.File, c *config, words bool) (*Network, error) {
	s, a, err := recognise(f, c)
	if err != nil {
		return nil, err
	}
	return build(s, a, words)
}

// info describes a network whose checkpoint has the given digest.
func (a *Arch) info(checkpoint string) backbone.Info {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%s %d %s %v %v %v %v %v", checkpoint, a.Family, a.Heads, a.Activation, a.Epsilon, a.Theta, a.Taps, a.mean, a.std)
	info := backbone.Info{
		Name: a.Name(), Digest: hex.EncodeToString(h.Sum(nil)),
		ClassToken: a.ClassToken, Multiple: a.Patch, Size: a.size(), Radii: []int{1, 3, 5}, Mean: a.mean, Std: a.std, Bilinear: a.bilinear(),
	}
	for _, b := range a.Taps {
		info.Layers = append(info.Layers, fmt.Sprintf("block%d", b))
	}
	return info
}

// Arch is the architecture of the network.
func (n *Network) Arch() Arch {
	a := n.arch
	a.Taps, a.Assumed = slices.Clone(a.Taps), slices.Clone(a.Assumed)
	return a
}

// Info describes the network to the pipeline.
func (n *Network) Info() backbone.Info {
	i := n.info
	i.Radii, i.Layers = slices.Clone(i.Radii), slices.Clone(i.Layers)
	return i
}

// Forward embeds one image x, [3][h][w], on the calling goroutine. ctx is
// looked at between blocks.
func (n *Network) Forward(ctx context.Context, x []float32, h, w int) (*backbone.Features, error) {
	p := n.arch.Patch
	if h < p || w < p || h%p != 0 || w%p != 0 {
		return nil, fmt.Errorf("vit: input of %d × %d: both sides must be positive multiples of %d", h, w, p)
	}
	if len(x)/3/h != w || len(x) != 3*h*w {
		return nil, fmt.Errorf("vit: input has %d values, expected 3 × %d × %d", len(x), h, w)
	}
	s, _ := n.scratch.Get().(*state)
	if s == nil {
		s = new(state)
	}
	defer n.scratch.Put(s)
	g := n.gridFor(h/p, w/p)
	n.embed(s, x, h/p, w/p, g)
	f := new(backbone.Features)
	for i, b := range n.blocks {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("vit: %w", err)
		}
		b.forward(s, g.rope)
		if slices.Contains(n.arch.Taps, i) {
			f.Layers = append(f.Layers, n.tap(s, h/p, w/p))
		}
	}
	f.Class = n.class(s)
	return f, n.check(f)
}

// reset makes room for rows tokens.
func (s *state) reset(a *Arch, rows int) {
	s.c, s.rows, s.heads = a.Width, rows, a.Heads
	s.stride, s.wide = gemm.Stride(s.c), gemm.Stride(3*s.c)
	s.x = resize(s.x, rows*s.stride)
	s.qkv = resize(s.qkv, rows*s.wide)
	s.context = resize(s.context, rows*s.stride)
	s.normed = resize(s.normed, band*s.stride)
}

// embed makes tokens of the patches of x and puts them after the prefix.
func (n *Network) embed(s *state, x []float32, h, w int, g *grid) {
	a := &n.arch
	first := a.prefix()
	s.reset(a, first+h*w)
	for r := range first {
		copy(s.x[r*s.stride:], n.prefix[r*s.c:(r+1)*s.c])
	}
	k := n.patch.in
	ld := gemm.Stride(k)
	s.hidden = resize(s.hidden, band*ld)
	for i := 0; i < h*w; i += band {
		m := min(band, h*w-i)
		for r := range m {
			unfold(s.hidden[r*ld:][:k], x, (i+r)/w, (i+r)%w, h, w, a.Patch)
		}
		out := s.x[(first+i)*s.stride:]
		n.patch.mul(out, s.stride, s.hidden, ld, m, &s.rounded)
		for r := range m {
			row := out[r*s.stride:][:s.c]
			addBias(row, n.patch.bias)
			if g.position != nil {
				addBias(row, g.position[(i+r)*s.c:])
			}
		}
	}
	if n.pre != nil {
		n.pre.apply(s.x, s.stride, s.x, s.stride, s.rows)
	}
}

// unfold copies patch (y, x) of an image of h × w patches of p × p pixels.
func unfold(dst, img []float32, y, x, h, w, p int) {
	for c := range 3 {
		for r := range p {
			at := ((c*h+y)*p+r)*w*p + x*p
			copy(dst[(c*p+r)*p:][:p], img[at:])
		}
	}
}

// tap takes the patches' tokens out of the stream.
func (n *Network) tap(s *state, h, w int) backbone.Map {
	m := backbone.Map{H: h, W: w, C: s.c, Data: make([]float32, h*w*s.c)}
	from := s.x[n.arch.prefix()*s.stride:]
	if n.arch.normed() {
		n.final.apply(m.Data, s.c, from, s.stride, h*w)
		return m
	}
	for r := range h * w {
		copy(m.Data[r*s.c:(r+1)*s.c], from[r*s.stride:])
	}
	return m
}

// class is the class token after the last block: CLIP's projected and of unit
// length, since MuSc compares CLIP's images by cosines and those of the other
// families by the tokens as they are.
func (n *Network) class(s *state) []float32 {
	if !n.arch.ClassToken {
		return nil
	}
	token := make([]float32, s.c)
	n.final.apply(token, s.c, s.x, s.stride, 1)
	if n.project != nil {
		out := make([]float32, n.project.N)
		gemm.Mul(out, len(out), token, s.c, 1, n.project)
		token = out
	}
	if n.arch.Family == CLIP {
		normalise(token)
	}
	return token
}

// normalise scales v to unit length, unless it is zero.
func normalise(v []float32) {
	var squares float64
	for _, x := range v {
		squares += float64(x) * float64(x)
	}
	if squares > 0 {
		scale(v, float32(1/math.Sqrt(squares)))
	}
}

// check refuses tokens that are not finite.
func (n *Network) check(f *backbone.Features) error {
	for i, m := range f.Layers {
		if slices.ContainsFunc(m.Data, func(v float32) bool { return v-v != 0 }) {
			return fmt.Errorf("vit: %s gives values that are not finite: weights or input are damaged", n.info.Layers[i])
		}
	}
	if slices.ContainsFunc(f.Class, func(v float32) bool { return v-v != 0 }) {
		return errors.New("vit: the class token has values that are not finite: weights or input are damaged")
	}
	return nil
}
