package vit

// Operations are about how many multiplications and additions the network takes
// for an image of its default size: per block and token 8c² + 4ch of the linear
// layers (6ch in a gated MLP) and 4tc of attention, of t tokens, c channels and h
// inside of the MLP.
func (a *Arch) Operations() float64 {
	side := a.size() / a.Patch
	t, c, h := float64(side*side+a.prefix()), float64(a.Width), float64(a.Hidden)
	mlp := 4 * c * h
	if a.Gated {
		mlp = 6 * c * h
	}
	return float64(a.Depth) * t * (8*c*c + mlp + 4*t*c)
}

// Memory is about what the network takes in single precision, in bytes, with an
// image in flight on each of so many threads.
func (a *Arch) Memory(threads int) int64 {
	c, h := int64(a.Width), int64(a.Hidden)
	block := 4*c*c + 2*c*h
	if a.Gated {
		block = 4*c*c + 3*c*h
	}
	side := int64(a.size() / a.Patch)
	image := side * side * c * (2 + 3 + int64(len(taps(a.Depth)))) // stream, context, queries to values, tokens taken
	return 4 * (int64(a.Depth)*block + int64(threads)*image)
}
