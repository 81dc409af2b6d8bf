package vit

import "math"

// grid is what depends on the size of the input.
type grid struct {
	position []float32 // [h·w][width], nil for a rotary embedding
	rope     *rotation
}

// maxGrids is how many sizes are remembered: a run uses two.
const maxGrids = 8

// gridFor returns the embedding for h × w patches.
func (n *Network) gridFor(h, w int) *grid {
	n.mu.Lock()
	defer n.mu.Unlock()
	key := [2]int{h, w}
	g := n.grids[key]
	if g == nil {
		g = new(grid)
		if n.position == nil {
			g.rope = newRotation(&n.arch, h, w)
		} else {
			g.position = n.arch.resizePosition(n.position, h, w)
		}
		if len(n.grids) >= maxGrids {
			clear(n.grids)
		}
		n.grids[key] = g
	}
	return g
}

// resizePosition fits a learnt embedding to h × w patches.
func (a *Arch) resizePosition(p []float32, h, w int) []float32 {
	g := a.Grid
	if h == g && w == g {
		return p
	}
	sampler := func(to int) [][]tap { return bicubic(g, to, float64(g)/float64(to)) }
	switch {
	case a.Family == DINOv2 && a.Registers > 0:
		sampler = func(to int) [][]tap { return antialiased(g, to) }
	case a.Family == DINOv2 || a.Family == DINO || a.Family == ViT:
		sampler = func(to int) [][]tap { return bicubic(g, to, float64(g)/(float64(to)+0.1)) }
	}
	return resample(p, a.Width, g, sampler(h), sampler(w))
}

// tap is a source position and its weight.
type tap struct {
	from   int
	weight float64
}

// cubic is the convolution kernel of Keys (1981).
func cubic(x, a float64) float64 {
	x = math.Abs(x)
	switch {
	case x <= 1:
		return ((a+2)*x-(a+3))*x*x + 1
	case x < 2:
		return ((a*x-5*a)*x+8*a)*x - 4*a
	}
	return 0
}

// bicubic lists the four taps of each target position, clamped to the
// borders; ratio is source positions per target position.
func bicubic(from, to int, ratio float64) [][]tap {
	taps := make([][]tap, to)
	for i := range taps {
		at := (float64(i)+0.5)*ratio - 0.5
		base := math.Floor(at)
		for k := -1; k <= 2; k++ {
			j := base + float64(k)
			taps[i] = append(taps[i], tap{min(max(int(j), 0), from-1), cubic(at-j, -0.75)})
		}
	}
	return taps
}

// antialiased lists taps as PIL does: the kernel grows with the reduction,
// and taps beyond the border are left out.
func antialiased(from, to int) [][]tap {
	ratio := float64(from) / float64(to)
	width := max(ratio, 1)
	taps := make([][]tap, to)
	for i := range taps {
		centre := ratio * (float64(i) + 0.5)
		lo := max(0, int(centre-2*width+0.5))
		hi := min(from, int(centre+2*width+0.5))
		var sum float64
		for j := lo; j < hi; j++ {
			t := tap{j, cubic((float64(j)-centre+0.5)/width, -0.5)}
			sum += t.weight
			taps[i] = append(taps[i], t)
		}
		for k := range taps[i] {
			taps[i][k].weight /= sum
		}
	}
	return taps
}

// resample applies taps for rows and columns to a g × g grid of c channels.
func resample(p []float32, c, g int, rows, columns [][]tap) []float32 {
	out := make([]float32, 0, len(rows)*len(columns)*c)
	acc := make([]float64, c)
	for _, ys := range rows {
		for _, xs := range columns {
			clear(acc)
			for _, y := range ys {
				for _, x := range xs {
					w := y.weight * x.weight
					for k, v := range p[(y.from*g+x.from)*c:][:c] {
						acc[k] += w * float64(v)
					}
				}
			}
			for _, v := range acc {
				out = append(out, float32(v))
			}
		}
	}
	return out
}
