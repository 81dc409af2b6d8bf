package vit

import (
	"fmt"
	"math"
	"strings"

	"codegraph/internal/checkpoint"
	"codegraph/internal/checkpoint/tensor"
	"codegraph/internal/nn"
)

// Bounds beyond which a shape is not believed.
const (
	maxWidth = 1 << 14
	maxDepth = 1 << 10
	maxPatch = 1 << 8
)

// recognise finds out what network a checkpoint holds. c may be nil.
func recognise(f *checkpoint.File, c *config) (*source, *Arch, error) {
	if c == nil {
		c = new(config)
	}
	if err := c.known(); err != nil {
		return nil, nil, err
	}
	s, err := identify(f)
	if err != nil {
		return nil, nil, err
	}
	a := &Arch{Layout: s.layout.name}
	if err := s.measure(a); err != nil {
		return nil, nil, err
	}
	a.Family = s.family(a)
	if err := s.positions(a); err != nil {
		return nil, nil, err
	}
	if err := c.fits(a); err != nil {
		return nil, nil, err
	}
	if err := a.complete(s, c); err != nil {
		return nil, nil, err
	}
	a.Taps = taps(a.Depth)
	return s, a, nil
}

// measure reads sizes off the shapes of tensors.
func (s *source) measure(a *Arch) error {
	l := s.layout
	patch, err := s.shape(l.patch + ".weight")
	if err != nil {
		return err
	}
	if len(patch) != 4 || patch[1] != 3 || patch[2] != patch[3] {
		return fmt.Errorf("tensor %q has shape %v: a patch embedding is width × 3 × side × side here", s.full(l.patch+".weight"), patch)
	}
	a.Width, a.Patch = patch[0], patch[2]
	if a.Width < 1 || a.Width > maxWidth || a.Patch < 1 || a.Patch > maxPatch {
		return fmt.Errorf("width %d and patch %d are not believable", a.Width, a.Patch)
	}
	for s.has(s.block(a.Depth)+l.norm1+".weight") && a.Depth <= maxDepth {
		a.Depth++
	}
	if err := s.checkDepth(a.Depth); err != nil {
		return err
	}
	a.ClassToken = s.has(l.class)
	if name := s.first(l.register); name != "" {
		shape, _ := s.shape(name)
		if len(shape) != 3 || shape[1] < 0 || shape[1] > 64 {
			return fmt.Errorf("tensor %q has shape %v: registers are 1 × count × width", s.full(name), shape)
		}
		a.Registers = shape[1]
	}
	return s.measureMLP(a)
}

// checkDepth refuses a checkpoint that lacks a block between others.
func (s *source) checkDepth(depth int) error {
	before, _, _ := strings.Cut(s.full(s.layout.block), "%d")
	for _, name := range s.file.Names() {
		var i int
		rest, ok := strings.CutPrefix(name, before)
		if n, err := fmt.Sscanf(rest, "%d.", &i); ok && err == nil && n == 1 && i >= depth {
			return fmt.Errorf("%d blocks are complete, but tensor %q is of a later one; are all shards there?", depth, name)
		}
	}
	return nil
}

// measureMLP tells plain from gated MLPs and reads their width.
func (s *source) measureMLP(a *Arch) error {
	names, err := s.mlp(0)
	if err != nil {
		return err
	}
	up, err := s.shape(names.up + ".weight")
	if err != nil {
		return err
	}
	down, err := s.shape(names.down + ".weight")
	if err != nil {
		return err
	}
	if len(up) != 2 || len(down) != 2 || up[0] < 1 || up[0] > 2*maxWidth {
		return fmt.Errorf("tensors %q and %q have shapes %v and %v, which are not an MLP's", s.full(names.up), s.full(names.down), up, down)
	}
	a.Hidden, a.Gated = up[0], names.gate != ""
	if !a.Gated && 2*down[1] == up[0] { // gate and expansion in one
		a.Hidden, a.Gated = down[1], true
	}
	return nil
}

// family tells networks of one layout apart.
func (s *source) family(a *Arch) Family {
	l := s.layout
	learnt := s.first(l.position) != ""
	switch {
	case l.name == "open_clip" || s.has(l.pre+".weight"):
		return CLIP
	case !a.ClassToken:
		return SigLIP
	case !learnt && len(l.position) == 0 || !learnt && s.first(s.scale1(0)) != "":
		return DINOv3
	case s.first(s.scale1(0)) != "":
		return DINOv2
	}
	return DINO
}

// scale1 and scale2 are the names that the LayerScale of block i may have.
func (s *source) scale1(i int) []string { return s.inBlock(i, s.layout.scale1) }
func (s *source) scale2(i int) []string { return s.inBlock(i, s.layout.scale2) }

func (s *source) inBlock(i int, names []string) []string {
	var full []string
	for _, n := range names {
		full = append(full, s.block(i)+n)
	}
	return full
}

// positions reads the grid that a learnt position embedding is for.
func (s *source) positions(a *Arch) error {
	name := s.first(s.layout.position)
	if name == "" {
		if a.Family == DINOv3 {
			return nil
		}
		for _, other := range s.file.Names() { // what stands in its place, as in BEiT
			if err := particular(other); err != nil {
				return err
			}
		}
		return fmt.Errorf("the position embedding %q is missing", s.full(s.layout.position[0]))
	}
	shape, _ := s.shape(name)
	n := 0
	if len(shape) >= 2 {
		n = shape[len(shape)-2]
	}
	for _, extra := range []int{s.classPositions(a), 0} {
		g := int(math.Sqrt(float64(n - extra)))
		if n > extra && g*g == n-extra {
			a.Grid = g
			return nil
		}
	}
	return fmt.Errorf("tensor %q has shape %v: the positions are not of a square grid of patches", s.full(name), shape)
}

func (s *source) classPositions(a *Arch) int {
	if a.ClassToken {
		return 1
	}
	return 0
}

// complete fills in what shapes do not tell.
func (a *Arch) complete(s *source, c *config) error {
	a.Heads = c.heads
	if a.Heads == 0 {
		if a.Heads = a.heads(); a.Heads == 0 {
			return fmt.Errorf("the number of heads of a network %d wide is not known; put its config.json beside the checkpoint", a.Width)
		}
	}
	if a.Heads < 1 || a.Width%a.Heads != 0 {
		return fmt.Errorf("%d heads do not divide a width of %d", a.Heads, a.Width)
	}
	if d := a.Width / a.Heads; a.Family == DINOv3 && d%4 != 0 {
		return fmt.Errorf("heads of %d channels cannot be rotated", d)
	}
	a.Epsilon = 1e-6
	if a.Family == CLIP || a.Family == DINOv3 {
		a.Epsilon = 1e-5
	}
	if c.epsilon != nil {
		a.Epsilon = *c.epsilon
	}
	if !(a.Epsilon >= 0 && a.Epsilon < 1) {
		return fmt.Errorf("a layer_norm_eps of %v makes no sense", a.Epsilon)
	}
	if a.Theta = c.theta; a.Theta == 0 {
		a.Theta = 100
	}
	if !(a.Theta > 1) {
		return fmt.Errorf("a rope_theta of %v makes no sense", a.Theta)
	}
	a.mean, a.std = a.statistics()
	if c.mean != nil {
		a.mean, a.std = [3]float32(c.mean), [3]float32(c.std)
	}
	return a.activate(s, c)
}

// activations are transformers' names.
var activations = map[string]nn.Activation{
	"gelu": nn.GELU, "gelu_python": nn.GELU, "gelu_pytorch_tanh": nn.GELUTanh, "gelu_new": nn.GELUTanh,
	"quick_gelu": nn.QuickGELU, "silu": nn.SiLU, "swish": nn.SiLU,
}

// activate decides on the activation of the MLP.
func (a *Arch) activate(s *source, c *config) error {
	defer func() { a.Activation = a.activation.String() }()
	switch {
	case a.Gated && a.Family != DINOv3:
		a.activation = nn.SiLU // whatever hidden_act says: it is for plain MLPs
	case c.activation != "":
		act, ok := activations[c.activation]
		if !ok {
			return fmt.Errorf("%s: the activation %q is not known here", c.path, c.activation)
		}
		a.activation = act
	case a.Gated:
		a.activation = nn.SiLU
	case a.Family == SigLIP:
		a.activation = nn.GELUTanh
	case a.Family == CLIP && c.quickByDefault:
		a.activation = nn.QuickGELU
	case a.Family == CLIP:
		return a.guess(s)
	default:
		a.activation = nn.GELU
	}
	return nil
}

// guess tells OpenAI's CLIP from others by its weights, which were published
// in half precision; a file of halves tells nothing.
func (a *Arch) guess(s *source) error {
	names, err := s.mlp(0)
	if err != nil {
		return err
	}
	t := s.file.Tensor(s.full(names.up + ".weight"))
	v, err := t.Float32s()
	if err != nil {
		return err
	}
	a.activation = nn.GELU
	because := "weights of full precision, unlike OpenAI's"
	if t.DType != tensor.F32 {
		because = fmt.Sprintf("the usual one of this size, since weights in %s do not tell", t.DType)
		if a.Width <= 1024 { // the sizes that OpenAI published
			a.activation = nn.QuickGELU
		}
	} else if allHalf(v) {
		a.activation, because = nn.QuickGELU, "weights of half precision, as OpenAI's are"
	}
	a.Assumed = append(a.Assumed, fmt.Sprintf("activation %s (%s); a config.json beside the checkpoint decides", a.activation, because))
	return nil
}

// allHalf reports whether all values fit half precision exactly: their last
// 13 bits are zero, or 14 and more below the smallest normal half.
func allHalf(v []float32) bool {
	for _, x := range v {
		if x == 0 {
			continue
		}
		scaled := math.Abs(float64(x)) * 0x1p24 // in units of the least subnormal
		if math.Float32bits(x)&0x1fff != 0 || scaled < 1024 && scaled != math.Trunc(scaled) {
			return false
		}
	}
	return true
}
