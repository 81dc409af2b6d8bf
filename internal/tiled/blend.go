package tiled

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
					m := maps[r.tile*len(l.xs)+c.tile]
					weight := r.weight * c.weight
					sum += weight * bilinear(m, patches, r, c)
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
	tile   int     // row or column of tiles
	at     int     // patch before the place
	f      float64 // how far it is to the next patch, 0 to 1
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
			u := min(max(in/side*float64(patches)-0.5, 0), float64(patches-1))
			at := min(int(u), max(0, patches-2))
			all[i] = append(all[i], sample{k, at, u - float64(at), max(min(before, after), 1e-6*side)})
		}
	}
	return all
}

func bilinear(m []float32, patches int, r, c sample) float64 {
	next, right := min(r.at+1, patches-1)*patches, min(c.at+1, patches-1)
	top := (1-c.f)*float64(m[r.at*patches+c.at]) + c.f*float64(m[r.at*patches+right])
	bottom := (1-c.f)*float64(m[next+c.at]) + c.f*float64(m[next+right])
	return (1-r.f)*top + r.f*bottom
}
