// Package backbone defines what the pipeline asks of a frozen network: turn
// one prepared image into patch tokens.
//
// # Tokens
//
// A backbone looks at an image at one or more depths. Each depth, a layer,
// gives a grid of H × W feature vectors of length C, the patch tokens: a
// [Map]. A vision transformer has one grid for all its layers (the side
// divided by the patch size); a convolutional network has a finer grid in its
// early layers and a coarser one in its late layers. The pipeline brings all
// maps to one grid, Info.Grid, before it compares images, so a backbone
// always returns its native resolution.
//
// # Preparation
//
// [Info] says how an image is to be prepared: which sizes are possible
// (multiples of Info.Multiple), which one is best (Info.Size), and which mean
// and standard deviation normalise RGB values in [0, 1]. Forward receives the
// result as three planes, x[c·H·W + y·W + x].
//
// # Identity
//
// Info.Digest identifies weights, architecture and choice of layers. Two
// backbones with equal digests give equal tokens for equal input, so the
// digest may serve as part of a cache key.
//
// # Implementations
//
// Package effnet is the embedded network that works without any download.
package backbone
