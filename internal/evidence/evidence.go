package evidence

import (
	"codegraph/internal/burnout"
	"codegraph/internal/evt"
	"codegraph/internal/graph"
)

// Evidence is what a result rests on. Its patches are original ones.
type Evidence struct {
	Omega int // reference rank ω
	// Alpha is the tail index α of the batch: that of Model or, without one, the
	// median of Hill's estimates over all patches. A normal patch has
	// d⁽ⁱ⁾ ≈ d⁽ω⁾·(i/ω)^(1/α).
	Alpha float64
	// Ranks are those at which vectors are kept, ascending from 1 to N−1.
	Ranks []int
	// Low and High are the 5 % and 95 % quantiles, over all patches, of
	// ln(d⁽ⁱ⁾/d⁽ω⁾) at Ranks.
	Low, High []float64
	// Block is the side of the blocks of patches of which each the one with
	// the highest score has its vector kept; 1 keeps all.
	Block   int
	Vectors [][]Vector  // of each image, by patch
	Graph   *ImageGraph // nil if none was built
	Model   *Model      // nil for batches too small for one
}

// Model is what a normal patch does, by the theory of package evt.
type Model struct {
	Alpha evt.Estimate // of the batch: the median of its images
	Fit   evt.BatchFit
	// Expected, Low and High are, at those of Evidence.Ranks up to ω, α times
	// the logarithm of d⁽ⁱ⁾/d⁽ω⁾ of a normal patch: its mean, 5 % and 95 %.
	Expected, Low, High []float64
}

// Vector is the mutual similarity vector of one patch.
type Vector struct {
	Patch     int
	Distances []float32 // at Evidence.Ranks
	Nearest   []int32   // the nearest images
	// Matches are the patches of the nearest images that this one matches, −1
	// where that is out of sight; nil if they were not looked for.
	Matches []int32
	// Burnout is the rank that the patch burns out after, 0 if it does not
	// (burnout.Test.BurnsOut). Growth is d⁽ⁱ⁺¹⁾/d⁽ⁱ⁾ there and Usual that of a
	// normal patch; 0 if there is none.
	Burnout       int
	Growth, Usual float64
	// Alpha is Hill's estimate of the patch by itself, Position that of its
	// place, the median over the images; 0 where there is none.
	Alpha, Position float64
	// P is the p-value of the test for burnout, 1 without a model.
	P float64
}

// ImageGraph is the graph of suspicious links between images.
type ImageGraph struct {
	Gamma float64 // resolution of the communities
	Edges []graph.Edge
	// Communities are those of two images or more at that resolution.
	Communities []Community
	// Families holds the same numbers of each family of the result.
	Families []Community
	Links    []burnout.Link // most suspicious first
}

// Community is a group of images in the graph and how it fares by the
// density rule: it is suspicious if Density exceeds Limit.
type Community struct {
	Images         []int
	Density, Limit float64
}
