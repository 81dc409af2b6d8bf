package vit

import (
	"fmt"
	"slices"

	"codegraph/internal/nn"
)

// Family is a way of training vision transformers.
type Family string

// The families known.
const (
	CLIP   Family = "clip"
	DINO   Family = "dino"
	DINOv2 Family = "dinov2"
	DINOv3 Family = "dinov3"
	SigLIP Family = "siglip"
	// ViT is a network of DINO's form trained otherwise: with labels, or MAE.
	ViT Family = "vit"
)

// Arch is the architecture of a network, as recognised from a checkpoint.
type Arch struct {
	Family     Family
	Layout     string // who named the tensors: transformers, open_clip, original
	Width      int    // channels of a token
	Depth      int    // blocks
	Heads      int
	Hidden     int // channels inside the MLP
	Patch      int // pixels
	Grid       int // side of the position embedding, in patches; 0: rotary
	Registers  int
	ClassToken bool
	Projection int // channels of the projected class token; 0: none
	Activation string
	Gated      bool // SwiGLU and its like
	Epsilon    float64
	Theta      float64  // base of rotary frequencies
	Taps       []int    // blocks, from 0, whose tokens are taken
	Parameters int64    // of the image tower
	DType      string   // of the checkpoint's weights: F32, F16, BF16, mixed
	Assumed    []string // what neither tensors nor a configuration told

	activation nn.Activation
	mean, std  [3]float32 // of the input
}

// normed reports whether the final norm is applied to the tokens taken.
func (a *Arch) normed() bool { return a.Family != CLIP && a.Family != SigLIP }

// bilinear reports whether images are resized with a bilinear filter, as in
// MuSc's code for whatever is not CLIP, and in DINOv3's own; SigLIP's own takes a
// bicubic one.
func (a *Arch) bilinear() bool { return a.Family != CLIP && a.Family != SigLIP }

// prefix is the number of tokens before the patches'.
func (a *Arch) prefix() int {
	if a.ClassToken {
		return 1 + a.Registers
	}
	return a.Registers
}

// taps are the last blocks of each quarter of the depth.
func taps(depth int) []int {
	var blocks []int
	for q := 1; q <= 4; q++ {
		if b := depth*q/4 - 1; b >= 0 && !slices.Contains(blocks, b) {
			blocks = append(blocks, b)
		}
	}
	return blocks
}

// size is the default input side: the multiple of the patch next below or at
// 518, the size MuSc's figures are made at; patches of 8 keep its 37 × 37
// grid, since time and memory grow with it.
func (a *Arch) size() int {
	if a.Patch < 14 {
		return 37 * a.Patch
	}
	return max(1, 518/a.Patch) * a.Patch
}

// Name is the name of the network as model hubs spell it.
func (a *Arch) Name() string {
	switch a.Family {
	case CLIP:
		return fmt.Sprintf("clip-vit-%s-patch%d%s", a.scale(), a.Patch, a.trained(224))
	case SigLIP:
		return fmt.Sprintf("siglip-%s-patch%d-%d", a.scale(), a.Patch, a.Grid*a.Patch)
	case DINOv2:
		if a.Registers > 0 {
			return "dinov2-with-registers-" + a.scale()
		}
		return "dinov2-" + a.scale()
	case ViT:
		return fmt.Sprintf("vit-%s-patch%d", a.scale(), a.Patch)
	}
	return fmt.Sprintf("%s-vit-%s-patch%d", a.Family, a.scale(), a.Patch)
}

// trained names the size of training unless it is the usual one.
func (a *Arch) trained(usual int) string {
	if n := a.Grid * a.Patch; n != usual {
		return fmt.Sprintf("-%d", n)
	}
	return ""
}

// published are the shapes of networks in use: width, depth, their name, and
// heads where they are not of 64 channels.
var published = []struct {
	width, depth int
	name         string
	heads        int
}{
	{384, 12, "small", 6},
	{768, 12, "base", 12},
	{1024, 24, "large", 16},
	{1152, 27, "so400m", 16},
	{1280, 32, "huge", 16}, // CLIP's; DINOv3's has heads of 64
	{1408, 40, "giant", 16},
	{1536, 40, "giant", 24}, // DINOv2's; SigLIP 2's has 16 heads
	{1664, 48, "bigG", 16},
	{4096, 40, "7b", 32},
}

// scale is the usual word for the size of the network.
func (a *Arch) scale() string {
	for _, p := range published {
		if p.width == a.Width && p.depth == a.Depth {
			return p.name
		}
	}
	return fmt.Sprintf("%dx%d", a.Width, a.Depth)
}

// heads is the number of heads that published networks of this width have; 0
// if there is none and heads of 64 channels do not divide it.
func (a *Arch) heads() int {
	switch {
	case a.Family == DINOv3 && a.Width == 1280:
		return 20
	case a.Family == SigLIP && a.Width == 1536:
		return 16
	}
	for _, p := range published {
		if p.width == a.Width {
			return p.heads
		}
	}
	if a.Width%64 == 0 {
		return a.Width / 64
	}
	return 0
}

var (
	imageNetMean = [3]float32{0.485, 0.456, 0.406}
	imageNetStd  = [3]float32{0.229, 0.224, 0.225}
)

// statistics are the mean and standard deviation of the family's training, where
// no file says others.
func (a *Arch) statistics() (mean, std [3]float32) {
	switch a.Family {
	case CLIP:
		return [3]float32{0.48145466, 0.4578275, 0.40821073}, [3]float32{0.26862954, 0.26130258, 0.27577711}
	case SigLIP:
		return [3]float32{0.5, 0.5, 0.5}, [3]float32{0.5, 0.5, 0.5}
	}
	return imageNetMean, imageNetStd
}
