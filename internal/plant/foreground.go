package plant

import (
	"image"
	"math"
	"slices"

	"codegraph/internal/stats"
)

// foreground is what of a picture is the part.
type foreground struct {
	inside []bool // [H][W]
	clear  bool   // the picture has a background that is easily told apart
}

func (f foreground) share() float64 {
	n := 0
	for _, in := range f.inside {
		if in {
			n++
		}
	}
	return float64(n) / float64(len(f.inside))
}

// mostClear reports whether seven in ten pictures show a background.
func mostClear(all []foreground) bool {
	n := 0
	for _, f := range all {
		if f.clear {
			n++
		}
	}
	return 10*n >= 7*len(all)
}

// coarse is the side at which the foreground is looked for.
const coarse = 160

// findForeground tells the part from the background: the background is what
// is near the median colour of the picture's border, by Otsu's threshold on
// the distance. It is clear if the two classes explain 7/10 of the variance of
// the distances (Otsu's η) and the border is background nearly all around.
func findForeground(img *image.NRGBA) foreground {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	s := min(1, coarse/float64(max(w, h)))
	cw, ch := max(int(s*float64(w)), 8), max(int(s*float64(h)), 8)
	small := shrink(img, cw, ch)
	border := borderColour(small, cw, ch)
	distance := make([]float64, cw*ch)
	for i, c := range small {
		for k := range c {
			distance[i] += (c[k] - border[k]) * (c[k] - border[k])
		}
		distance[i] = math.Sqrt(distance[i])
	}
	distance = blurPlane(distance, cw, ch, 0.8)
	threshold, eta := otsu(distance)
	in := make([]bool, cw*ch)
	edge, off := 0, 0
	for i, d := range distance {
		in[i] = d > threshold
		if x, y := i%cw, i/cw; x == 0 || y == 0 || x == cw-1 || y == ch-1 {
			edge++
			if in[i] {
				off++
			}
		}
	}
	closeGaps(in, cw, ch)
	mainPiece(in, cw, ch)
	f := foreground{inside: enlarge(in, cw, ch, w, h)}
	share := f.share()
	f.clear = eta > 0.7 && off*12 < edge && share > 0.02 && share < 0.95
	return f
}

// shrink averages the picture over w × h boxes.
func shrink(img *image.NRGBA, w, h int) []colour {
	out := make([]colour, w*h)
	sw, sh := img.Rect.Dx(), img.Rect.Dy()
	for y := range h {
		y0, y1 := y*sh/h, max((y+1)*sh/h, y*sh/h+1)
		for x := range w {
			x0, x1 := x*sw/w, max((x+1)*sw/w, x*sw/w+1)
			var sum colour
			for j := y0; j < y1; j++ {
				for i := x0; i < x1; i++ {
					sum = sum.plus(colourAt(img, i, j), 1)
				}
			}
			out[y*w+x] = sum.scale(1 / float64((y1-y0)*(x1-x0)))
		}
	}
	return out
}

func borderColour(img []colour, w, h int) (c colour) {
	var values [3][]float64
	for i, v := range img {
		if x, y := i%w, i/w; x < 2 || y < 2 || x >= w-2 || y >= h-2 {
			for k := range v {
				values[k] = append(values[k], v[k])
			}
		}
	}
	for k := range c {
		c[k] = stats.Median(values[k])
	}
	return c
}

// otsu returns the threshold that parts v best into two classes, and the share
// η of the variance that is between them (Otsu 1979).
func otsu(v []float64) (threshold, eta float64) {
	const bins = 256
	top := slices.Max(v)
	if top <= 0 {
		return 0, 0
	}
	var count [bins]float64
	mean := 0.0
	for _, x := range v {
		count[min(int(x/top*bins), bins-1)]++
	}
	for b, c := range count {
		mean += float64(b) * c
	}
	n := float64(len(v))
	mean /= n
	total := 0.0
	for b, c := range count {
		total += c * (float64(b) - mean) * (float64(b) - mean)
	}
	below, sum, best := 0.0, 0.0, 0.0
	for b := range bins - 1 {
		below += count[b]
		sum += float64(b) * count[b]
		if below == 0 || below == n {
			continue
		}
		gap := sum/below - (mean*n-sum)/(n-below)
		if between := below * (n - below) / n * gap * gap; between > best {
			best, threshold = between, top*float64(b+1)/bins
		}
	}
	if total == 0 {
		return threshold, 0
	}
	return threshold, best / total
}

// gap is how wide the gaps are that are closed, twice, in coarse pixels: dark
// places of a part on a dark background.
const gap = 2.5

// closeGaps dilates and erodes by gap.
func closeGaps(in []bool, w, h int) {
	for i, d := range distances(in, w, h) {
		in[i] = d > gap // the background that is left
	}
	for i, d := range distances(in, w, h) {
		in[i] = d > gap
	}
}

// mainPiece keeps the largest piece and fills holes below 2 % of the picture.
func mainPiece(in []bool, w, h int) {
	pieces := components(in, w, h, true)
	largest := slices.MaxFunc(append(pieces, nil), func(a, b []int) int { return len(a) - len(b) })
	clear(in)
	for _, i := range largest {
		in[i] = true
	}
	for _, hole := range components(in, w, h, false) {
		if 50*len(hole) < w*h {
			for _, i := range hole {
				in[i] = true
			}
		}
	}
}

// components returns the connected pieces (4 neighbours) of the pixels equal
// to value, in the order of their first pixels.
func components(in []bool, w, h int, value bool) (all [][]int) {
	seen := make([]bool, len(in))
	for start := range in {
		if seen[start] || in[start] != value {
			continue
		}
		seen[start] = true
		piece := []int{start}
		for k := 0; k < len(piece); k++ {
			x, y := piece[k]%w, piece[k]/w
			for _, n := range [4][2]int{{x - 1, y}, {x + 1, y}, {x, y - 1}, {x, y + 1}} {
				if n[0] < 0 || n[1] < 0 || n[0] >= w || n[1] >= h {
					continue
				}
				if i := n[1]*w + n[0]; !seen[i] && in[i] == value {
					seen[i] = true
					piece = append(piece, i)
				}
			}
		}
		all = append(all, piece)
	}
	return all
}

// enlarge scales a mask with a smooth outline.
func enlarge(in []bool, w, h, dw, dh int) []bool {
	plane := make([]float64, len(in))
	for i, v := range in {
		if v {
			plane[i] = 1
		}
	}
	get := func(x, y int) float64 { return plane[min(max(y, 0), h-1)*w+min(max(x, 0), w-1)] }
	out := make([]bool, dw*dh)
	for y := range dh {
		v := (float64(y)+0.5)*float64(h)/float64(dh) - 0.5
		j := math.Floor(v)
		for x := range dw {
			u := (float64(x)+0.5)*float64(w)/float64(dw) - 0.5
			i := math.Floor(u)
			top := mix(get(int(i), int(j)), get(int(i)+1, int(j)), u-i)
			low := mix(get(int(i), int(j)+1), get(int(i)+1, int(j)+1), u-i)
			out[y*dw+x] = mix(top, low, v-j) > 0.5
		}
	}
	return out
}

// depths is about the distance of each pixel to the nearest one that is not
// in, or beyond the border (chamfer 1, √2).
func depths(in []bool, w, h int) []float32 {
	const diagonal = math.Sqrt2
	d := make([]float32, w*h)
	get := func(x, y int) float32 {
		if x < 0 || y < 0 || x >= w || y >= h {
			return 0
		}
		return d[y*w+x]
	}
	for y := range h {
		for x := range w {
			if in[y*w+x] {
				d[y*w+x] = min(get(x-1, y)+1, get(x, y-1)+1, get(x-1, y-1)+diagonal, get(x+1, y-1)+diagonal)
			}
		}
	}
	for y := h - 1; y >= 0; y-- {
		for x := w - 1; x >= 0; x-- {
			if in[y*w+x] {
				d[y*w+x] = min(d[y*w+x], get(x+1, y)+1, get(x, y+1)+1, get(x+1, y+1)+diagonal, get(x-1, y+1)+diagonal)
			}
		}
	}
	return d
}

// blurPlane smooths with a Gaussian of σ pixels; the border repeats.
func blurPlane(v []float64, w, h int, sigma float64) []float64 {
	kernel := gaussian(sigma)
	r := len(kernel) / 2
	mid, out := make([]float64, len(v)), make([]float64, len(v))
	for y := range h {
		for x := range w {
			for k, g := range kernel {
				mid[y*w+x] += g * v[y*w+min(max(x+k-r, 0), w-1)]
			}
		}
	}
	for y := range h {
		for k, g := range kernel {
			row := mid[min(max(y+k-r, 0), h-1)*w:][:w]
			for x, m := range row {
				out[y*w+x] += g * m
			}
		}
	}
	return out
}

func gaussian(sigma float64) []float64 {
	r := max(int(math.Ceil(3*sigma)), 1)
	k := make([]float64, 2*r+1)
	sum := 0.0
	for i := range k {
		k[i] = math.Exp(-float64((i-r)*(i-r)) / (2 * sigma * sigma))
		sum += k[i]
	}
	for i := range k {
		k[i] /= sum
	}
	return k
}
