package backbone

import "context"

// Info describes a backbone: everything the pipeline must know to prepare
// its input, label its output and tell one backbone from another.
type Info struct {
	Name   string // short name, e.g. "efficientnet-lite0-245"
	Digest string // hex SHA-256 of weights and architecture: a cache key
	// Multiple is the number that both sides of the input must be a
	// multiple of: the patch size of a transformer, the stride of a CNN.
	Multiple int
	// Size is the input side, in pixels, the backbone works best at.
	Size int
	// Fixed says that the backbone takes Size × Size only.
	Fixed bool
	// Grid is the default side of the patch grid; 0 keeps the native one.
	Grid int
	// Radii are the LNAMD neighbourhood sides r that suit the backbone.
	Radii  []int
	Layers []string // names of the feature layers, in order of depth
	// ClassToken says that Features have one.
	ClassToken bool
	// Mean and Std normalise RGB values in [0, 1], per channel.
	Mean, Std [3]float32
	// Bilinear says that images are resized with a bilinear filter, as for
	// the network's published figures; otherwise it is a bicubic one.
	Bilinear bool
}

// Map is one layer's patch tokens, Data[H*W][C] row-major: token p = y·W+x
// occupies Data[p*C : (p+1)*C].
type Map struct {
	H, W, C int
	Data    []float32
}

// Features is what a backbone makes of one image.
type Features struct {
	Layers []Map // one for each of Info.Layers
	// Class is the class token, nil if the backbone has none. Images are alike
	// by the inner products of theirs.
	Class []float32
}

// Backbone turns one prepared image into patch tokens. Implementations are
// safe for concurrent use: the pipeline calls Forward from several
// goroutines, one image each.
type Backbone interface {
	Info() Info
	// Forward embeds one image. x is [3][H][W] row-major, normalised with
	// Info.Mean and Info.Std; h and w are multiples of Info.Multiple. The
	// result does not alias x.
	Forward(ctx context.Context, x []float32, h, w int) (*Features, error)
}
