package effnet

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"codegraph/backbone"
)

// Layer describes a layer that can be tapped.
type Layer struct {
	Name     string
	Stride   int // input pixels per position, in either direction
	Channels int
}

// Network is an EfficientNet-Lite. It is immutable and safe for concurrent
// use.
type Network struct {
	info   backbone.Info
	layers []Layer
	stem   stem
	blocks []mbconv
	taps   map[int]tap // by the index of their block
}

// tap is a layer that is returned.
type tap struct {
	at   int // into Features.Layers
	mean int // side of the neighbourhood that is averaged; 1: none
}

// New builds a network. It fails if no embedded network has the name, if the
// weight file is malformed or if a tap is not one of its layers.
func New(opts Options) (*Network, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	ckpt, err := parse(opts.Weights)
	if err != nil {
		return nil, err
	}
	n := &Network{taps: make(map[int]tap)}
	last := make(map[string]int) // layer → its block
	stride := 2
	for i, b := range ckpt.Blocks {
		stride *= b.Stride
		if i+1 == len(ckpt.Blocks) || ckpt.Blocks[i+1].Stage != b.Stage {
			l := Layer{fmt.Sprintf("stage%d", b.Stage), stride, b.Out}
			last[l.Name] = i
			n.layers = append(n.layers, l)
		}
	}
	chosen, err := n.choose(opts.Taps)
	if err != nil {
		return nil, err
	}
	var names []string
	for i, c := range chosen {
		n.taps[last[c.Name]] = tap{i, c.mean}
		names = append(names, c.written)
	}
	deepest := chosen[len(chosen)-1]
	n.build(ckpt, last[deepest.Name]+1)
	n.info = backbone.Info{
		Name:     ckpt.Name,
		Digest:   digest(opts.Weights, names),
		Multiple: deepest.Stride,
		Size:     opts.Size,
		Grid:     opts.Grid,
		Radii:    slices.Clone(opts.Radii),
		Layers:   names,
		Mean:     ckpt.Mean,
		Std:      ckpt.Std,
	}
	return n, nil
}

// chosen is a layer as a tap names it.
type chosen struct {
	Layer
	mean    int
	written string
}

// choose returns the layers named by taps in order of depth.
func (n *Network) choose(taps []string) ([]chosen, error) {
	var have []string
	for _, l := range n.layers {
		have = append(have, l.Name)
	}
	byName := make(map[string]chosen)
	for _, t := range taps {
		name, mean, err := parseTap(t)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(have, name) {
			return nil, fmt.Errorf("effnet: no layer %q to tap: choose from %s", name, strings.Join(have, ", "))
		}
		if _, twice := byName[name]; twice {
			return nil, fmt.Errorf("effnet: layer %q is tapped twice", name)
		}
		byName[name] = chosen{mean: mean, written: t}
	}
	if len(taps) == 0 {
		return nil, fmt.Errorf("effnet: no layer to tap: choose from %s", strings.Join(have, ", "))
	}
	var all []chosen
	for _, l := range n.layers {
		if c, ok := byName[l.Name]; ok {
			c.Layer = l
			all = append(all, c)
		}
	}
	return all, nil
}

// parseTap reads the name of a layer, with the side of a neighbourhood or without.
func parseTap(s string) (name string, mean int, err error) {
	name, side, averaged := strings.Cut(s, "/")
	if !averaged {
		return name, 1, nil
	}
	mean, err = strconv.Atoi(side)
	if err != nil || mean < 1 || mean%2 == 0 {
		return "", 0, fmt.Errorf("effnet: tap %q: the side of a neighbourhood is an odd number, as in stage5/3", s)
	}
	return name, mean, nil
}

// build packs the weights of the stem and the first count blocks.
func (n *Network) build(ckpt *checkpoint, count int) {
	convs := ckpt.convs
	next := func() conv {
		c := convs[0]
		convs = convs[1:]
		return c
	}
	n.stem = newStem(next())
	for _, spec := range ckpt.Blocks[:count] {
		var expand conv
		if spec.Expand != 1 {
			expand = next()
		}
		n.blocks = append(n.blocks, newMBConv(spec, expand, next(), next()))
	}
}

// digest identifies a weight file together with the layers tapped: the
// SHA-256 of the file, a zero byte and the names joined by commas.
func digest(weights []byte, taps []string) string {
	h := sha256.New()
	h.Write(weights)
	h.Write([]byte{0})
	h.Write([]byte(strings.Join(taps, ",")))
	return hex.EncodeToString(h.Sum(nil))
}

// Info describes the network.
func (n *Network) Info() backbone.Info {
	info := n.info
	info.Radii = slices.Clone(info.Radii)
	info.Layers = slices.Clone(info.Layers)
	return info
}

// Layers returns all layers of the weight file, tapped or not, in order of
// depth.
func (n *Network) Layers() []Layer { return slices.Clone(n.layers) }

// Forward embeds one image x, [3][h][w], on the calling goroutine. It
// returns one map per tapped layer, of h/stride × w/stride tokens. It fails
// if the size is not a positive multiple of Info.Multiple, if x does not
// have 3·h·w elements, or if ctx ends; ctx is looked at between blocks.
func (n *Network) Forward(ctx context.Context, x []float32, h, w int) (*backbone.Features, error) {
	m := n.info.Multiple
	if h < m || w < m || h%m != 0 || w%m != 0 {
		return nil, fmt.Errorf("effnet: input of %d × %d: both sides must be positive multiples of %d", h, w, m)
	}
	if len(x)/3/h != w || len(x) != 3*h*w {
		return nil, fmt.Errorf("effnet: input has %d values, expected 3 × %d × %d", len(x), h, w)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("effnet: %w", err)
	}
	s := scratchPool.Get().(*scratch)
	defer scratchPool.Put(s)

	f := &backbone.Features{Layers: make([]backbone.Map, len(n.taps))}
	cur := s.activation(0, outSize(h, 2), outSize(w, 2), n.stem.out)
	n.stem.forward(cur, x, h, w, s)
	for i := range n.blocks {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("effnet: %w", err)
		}
		b := &n.blocks[i]
		oh, ow := outSize(cur.H, b.Stride), outSize(cur.W, b.Stride)
		var next backbone.Map
		tap, tapped := n.taps[i]
		if tapped {
			next = backbone.Map{H: oh, W: ow, C: b.Out, Data: make([]float32, oh*ow*b.Out)}
		} else {
			next = s.activation(i+1, oh, ow, b.Out)
		}
		b.forward(next, cur, s)
		if tapped {
			f.Layers[tap.at] = mean(next, tap.mean)
		}
		cur = next
	}
	return f, nil
}
