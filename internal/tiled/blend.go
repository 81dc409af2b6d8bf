package tiled

import "codegraph/internal/anomap"

// Blend puts the maps of all tiles, [tile][patches·patches], together to the
// map of the whole, [h·w] as Grid says.
func (l *Layout) Blend(maps [][]float32, patches int) []float32 {
	h, w := l.Grid(patches)
	rows, columns := l.samples(l.ys, h, l.Height, patches), l.samples(l.xs, w, l.Width, patches)
	out := make([]float32, h*w)
	for y := range h {
		for x := range w {
			var sum, weights float64
			for _, r := range rows[y] {
				for _, c := range columns[x] {
					m := anomap.New(maps[r.tile*len(l.xs)+c.tile], patches, patches)
					weight := r.weight * c.weight
					sum += weight * anomap.At(m, r.at, c.at)
					weights += weight
				}
			}
			out[y*w+x] = float32(sum / weights)
		}
	}
	return out
}

// sample is where along one axis a cell lies in a tile.
type sample struct {
	tile   int // row or column of tiles
	at     anomap.Tap[float64]
	weight float64 // how far inside the tile it is
}

// samples lists, for each of n cells over length pixels, the tiles over its
// centre.
func (l *Layout) samples(starts []int, n, length, patches int) [][]sample {
	all := make([][]sample, n)
	side := float64(l.Side)
	for i := range all {
		px := (float64(i) + 0.5) * float64(length) / float64(n)
		for k, start := range starts {
			in := px - float64(start)
			if in < 0 || in > side {
				continue
			}
			before, after := in, side-in
			if k == 0 { // there is nothing beyond to go over to
				before = side
			}
			if k == len(starts)-1 {
				after = side
			}
			at := anomap.Between[float64](in/side*float64(patches)-0.5, patches)
			all[i] = append(all[i], sample{k, at, max(min(before, after), 1e-6*side)})
		}
	}
	return all
}
