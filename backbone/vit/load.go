package vit

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"codegraph/internal/checkpoint/tensor"
	"codegraph/internal/gemm"
)

// loader turns tensors into packed weights. Its first error sticks, and what
// it returns after that is of no use.
type loader struct {
	*source
	arch  *Arch
	err   error
	words bool // round the blocks' linear layers
	types map[tensor.DType]bool
	used  map[string]bool // by their full names

	widened, changed []float32 // a matrix that is packed next: as read, and to change
}

func (l *loader) fail(format string, args ...any) {
	if l.err == nil {
		l.err = fmt.Errorf(format, args...)
	}
}

// values returns a tensor of the given shape; leading ones do not count.
func (l *loader) values(name string, shape ...int) []float32 {
	return l.valuesIn(new([]float32), name, shape...)
}

// matrix is values for one that is packed before the next is read: all blocks widen
// their weights in the same memory.
func (l *loader) matrix(name string, rows, columns int) []float32 {
	return l.valuesIn(&l.widened, name, rows, columns)
}

func (l *loader) valuesIn(buf *[]float32, name string, shape ...int) []float32 {
	if l.err != nil {
		return nil
	}
	t := l.file.Tensor(l.full(name))
	if t == nil {
		l.fail("tensor %q is missing", l.full(name))
		return nil
	}
	have := t.Shape
	for len(have) > len(shape) && have[0] == 1 {
		have = have[1:]
	}
	if !slices.Equal(have, shape) {
		l.fail("tensor %q has shape %v, expected %v", t.Name, t.Shape, shape)
		return nil
	}
	v, err := t.Float32sIn(buf)
	if err != nil {
		l.fail("%w", err)
		return nil
	}
	if i := slices.IndexFunc(v, func(x float32) bool { return x-x != 0 }); i >= 0 {
		l.fail("tensor %q has the value %v at position %d: the checkpoint is damaged", t.Name, v[i], i)
		return nil
	}
	l.types[t.DType], l.used[t.Name] = true, true
	l.arch.Parameters += int64(len(v))
	return v
}

// vector copies a tensor of n values.
func (l *loader) vector(name string, n int) []float32 { return slices.Clone(l.values(name, n)) }

// bias copies a bias, or returns zeros where there is none.
func (l *loader) bias(name string, n int) []float32 {
	if !l.has(name) {
		return make([]float32, n)
	}
	return l.vector(name, n)
}

func (l *loader) norm(name string) norm {
	return norm{l.vector(name+".weight", l.arch.Width), l.vector(name+".bias", l.arch.Width), float32(l.arch.Epsilon)}
}

// linear packs a linear layer from in to out channels. Rows are scaled by
// scale, if there is one: LayerScale.
func (l *loader) linear(name string, in, out int, scale []float32) linear {
	w, b := l.matrix(name+".weight", out, in), l.bias(name+".bias", out)
	if l.err != nil {
		return linear{}
	}
	if scale != nil {
		w = append(l.changed[:0], w...)
		l.changed = w
		for r, s := range scale {
			for c := range in {
				w[r*in+c] *= s
			}
			b[r] *= s
		}
	}
	return l.pack(w, b, in, out)
}

// pack packs a linear layer of a block.
func (l *loader) pack(w, b []float32, in, out int) linear {
	if l.words {
		return newWords(w, b, in, out)
	}
	return newLinear(w, b, in, out)
}

// qkv packs queries, keys and values as one layer; queries are divided by √d.
func (l *loader) qkv(i int) linear {
	c := l.arch.Width
	w, b := l.changed[:0], make([]float32, 0, 3*c)
	at := l.block(i)
	switch {
	case l.layout.q != "":
		for _, part := range []string{l.layout.q, l.layout.k, l.layout.v} {
			w = append(w, l.matrix(at+part+".weight", c, c)...)
			b = append(b, l.bias(at+part+".bias", c)...)
		}
	case l.layout.qkvW != "":
		w = append(w, l.matrix(at+l.layout.qkvW, 3*c, c)...)
		b = append(b, l.values(at+l.layout.qkvB, 3*c)...)
	default:
		w = append(w, l.matrix(at+l.layout.qkv+".weight", 3*c, c)...)
		b = append(b, l.bias(at+l.layout.qkv+".bias", 3*c)...)
		l.bareBiases(b, at)
	}
	if l.err != nil {
		return linear{}
	}
	l.changed = w
	root := float32(1 / math.Sqrt(float64(c/l.arch.Heads)))
	for j := range w[:c*c] {
		w[j] *= root
	}
	for j := range b[:c] {
		b[j] *= root
	}
	return l.pack(w, b, c, 3*c)
}

// bareBiases puts the biases of queries and values that have names of their
// own into b. DINOv3 has none on keys, and its own code masks them.
func (l *loader) bareBiases(b []float32, at string) {
	c := l.arch.Width
	if l.has(at+l.layout.qkv+".bias_mask") && len(b) == 3*c {
		l.used[l.full(at+l.layout.qkv+".bias_mask")] = true
		clear(b[c : 2*c])
	}
	for i, name := range l.layout.bare {
		if l.has(at+name) && len(b) == 3*c {
			copy(b[2*i*c:], l.values(at+name, c))
		}
	}
}

// scale is the LayerScale of the given names, nil if there is none.
func (l *loader) scale(names []string) []float32 {
	name := l.first(names)
	switch {
	case name != "":
		return l.values(name, l.arch.Width)
	case l.arch.Family == DINOv2 || l.arch.Family == DINOv3:
		l.fail("the LayerScale of a block is missing, which %s has: this is another kind of network", l.arch.Family)
	}
	return nil
}

func (l *loader) blockAt(i int) *block {
	a, at, n := l.arch, l.block(i), l.layout
	b := &block{
		norm1: l.norm(at + n.norm1),
		qkv:   l.qkv(i),
		out:   l.linear(at+n.out, a.Width, a.Width, l.scale(l.scale1(i))),
		norm2: l.norm(at + n.norm2),
		gated: a.Gated,
		act:   a.activation,
	}
	b.up, b.down = l.mlp(i, l.scale(l.scale2(i)))
	return b
}

// mlp packs the two layers of block i's MLP. In a gated one the first gives
// the gate and then the expansion.
func (l *loader) mlp(i int, scale []float32) (up, down linear) {
	a := l.arch
	n, err := l.source.mlp(i)
	switch {
	case err != nil:
		l.fail("%w", err)
		return
	case !a.Gated:
		up = l.linear(n.up, a.Width, a.Hidden, nil)
	case n.gate == "":
		up = l.linear(n.up, a.Width, 2*a.Hidden, nil)
	default:
		w := append(l.changed[:0], l.matrix(n.gate+".weight", a.Hidden, a.Width)...)
		w = append(w, l.matrix(n.up+".weight", a.Hidden, a.Width)...)
		l.changed = w
		b := slices.Concat(l.bias(n.gate+".bias", a.Hidden), l.bias(n.up+".bias", a.Hidden))
		if l.err == nil {
			up = l.pack(w, b, a.Width, 2*a.Hidden)
		}
	}
	return up, l.linear(n.down, a.Hidden, a.Width, scale)
}

// project packs CLIP's projection of the class token, if there is one.
func (l *loader) project() *gemm.Packed {
	name := l.first(l.layout.project)
	if name == "" || l.arch.Family != CLIP {
		return nil
	}
	shape, _ := l.shape(name)
	if len(shape) != 2 || shape[0] < 1 || shape[1] < 1 {
		l.fail("tensor %q has shape %v: a projection has two dimensions", l.full(name), shape)
		return nil
	}
	v, p, c := l.values(name, shape...), new(gemm.Packed), l.arch.Width
	switch {
	case l.err != nil:
	case l.layout.name == "open_clip" && shape[0] == c:
		l.arch.Projection = shape[1]
		p.Rows(v, shape[1], c, shape[1])
	case l.layout.name != "open_clip" && shape[1] == c:
		l.arch.Projection = shape[0]
		p.Columns(v, c, shape[0], c)
	default:
		l.fail("tensor %q has shape %v, which does not fit tokens of %d channels", l.full(name), shape, c)
	}
	return p
}

// particulars are parts that networks which are not implemented here have, by
// words in the names of their tensors.
var particulars = []struct{ word, what string }{
	{"relative_position_bias", "the relative positions of BEiT and its like"},
	{"rel_pos", "the relative positions of SAM's encoder"},
	{"rope", "a rotary embedding of its own"},
	{"q_norm", "norms inside of attention"}, {"k_norm", "norms inside of attention"}, {"inner_attn_ln", "norms inside of attention"},
	{"attn_pool", "attention pooling, which makes its class token"},
	{"lambda_1", "the LayerScale of BEiT"},
}

// particular says what is not implemented here of a tensor; nil if that is not known.
func particular(name string) error {
	for _, p := range particulars {
		if strings.Contains(name, p.word) {
			return fmt.Errorf("tensor %q: %s, which is not implemented here", name, p.what)
		}
	}
	return nil
}

// checkUse refuses a network that has more to it than was loaded, such as
// norms inside of attention: to leave them out would give wrong tokens.
func (l *loader) checkUse() {
	blocks, _, _ := strings.Cut(l.full(l.layout.block), "%d")
	outside := []string{"norm_pre.", "ln_pre.", "pre_layrnorm.", "patch_embed.norm.", "rope.freqs"}
	if l.arch.Family != SigLIP { // whose pooling makes no token that is used
		outside = append(outside, "attn_pool.")
	}
	for _, name := range l.file.Names() {
		inside := strings.HasPrefix(name, blocks)
		for _, other := range outside {
			inside = inside || strings.HasPrefix(name, l.prefix+other)
		}
		if !inside || l.used[name] {
			continue
		}
		if err := particular(name); err != nil {
			l.fail("%w", err)
		}
		l.fail("tensor %q is of a part that is not known here: this is another kind of network", name)
	}
	l.checkAlike()
}

// checkAlike refuses a network of which a block lacks what another has: zeros in
// the place of a lost bias would give wrong tokens.
func (l *loader) checkAlike() {
	before, after, _ := strings.Cut(l.full(l.layout.block), "%d")
	for _, name := range slices.Sorted(maps.Keys(l.used)) {
		rest, inside := strings.CutPrefix(name, before)
		_, part, _ := strings.Cut(rest, after)
		for i := 0; inside && i < l.arch.Depth; i++ {
			if other := l.full(l.block(i) + part); !l.used[other] {
				l.fail("tensor %q is missing, of which another block has the like, %q: save the whole network", other, name)
			}
		}
	}
}

// dtype says what the weights are stored as.
func (l *loader) dtype() string {
	if len(l.types) > 1 {
		return "mixed"
	}
	for t := range l.types {
		return string(t)
	}
	return ""
}

// build packs all weights of a network.
func build(s *source, a *Arch, words bool) (*Network, error) {
	l := &loader{source: s, arch: a, words: words, types: make(map[tensor.DType]bool), used: make(map[string]bool)}
	c, patch := a.Width, 3*a.Patch*a.Patch
	n := &Network{grids: make(map[[2]int]*grid)}
	if w := l.values(l.layout.patch+".weight", c, 3, a.Patch, a.Patch); l.err == nil {
		n.patch = newLinear(w, l.bias(l.layout.patch+".bias", c), patch, c)
	}
	if a.ClassToken {
		n.prefix = l.vector(l.layout.class, c)
	}
	if a.Registers > 0 {
		n.prefix = append(n.prefix, l.values(l.first(l.layout.register), a.Registers, c)...)
	}
	l.embedding(n)
	if a.Family == CLIP {
		pre := l.norm(l.layout.pre)
		n.pre = &pre
	}
	for i := 0; i < a.Depth && l.err == nil; i++ {
		n.blocks = append(n.blocks, l.blockAt(i))
	}
	n.final = l.norm(l.layout.final)
	n.project = l.project()
	l.checkUse()
	a.DType = l.dtype()
	n.arch = *a
	return n, l.err
}

// embedding takes the position embedding apart: the class token's is added to
// the class token, and the patches' is kept for resizing.
func (l *loader) embedding(n *Network) {
	a, c := l.arch, l.arch.Width
	name := l.first(l.layout.position)
	if name == "" || l.err != nil {
		return
	}
	shape, _ := l.shape(name)
	count := shape[len(shape)-2]
	v := l.values(name, count, c)
	if l.err != nil {
		return
	}
	if count > a.Grid*a.Grid {
		for i := range c {
			n.prefix[i] += v[i]
		}
		v = v[c:]
	}
	n.position = slices.Clone(v)
}
