package plant

import (
	"image"
	"math"

	"codegraph/internal/stats"
)

// Within marks, [H][W], what of a box differs from its surroundings: pixels
// further from the median colour of a ring as wide as a quarter of the box than
// all but a twentieth of the ring's. If that is less than a twentieth of the
// box, it marks the box.
func Within(p *Part, box image.Rectangle) []bool {
	box = box.Intersect(p.Image.Rect)
	w := p.Image.Rect.Dx()
	mask := make([]bool, len(p.Inside))
	wide := box.Inset(-max(min(box.Dx(), box.Dy())/4, 3)).Intersect(p.Image.Rect)
	var ring [3][]float64
	each := func(r image.Rectangle, in bool, do func(x, y int)) {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				if image.Pt(x, y).In(box) == in && p.inside(x, y) {
					do(x, y)
				}
			}
		}
	}
	each(wide, false, func(x, y int) {
		for k, v := range p.at(x, y) {
			ring[k] = append(ring[k], v)
		}
	})
	middle := colour{stats.Median(ring[0]), stats.Median(ring[1]), stats.Median(ring[2])}
	far := func(x, y int) float64 {
		d := p.at(x, y).plus(middle, -1)
		return math.Sqrt(d[0]*d[0] + d[1]*d[1] + d[2]*d[2])
	}
	var around []float64
	each(wide, false, func(x, y int) { around = append(around, far(x, y)) })
	limit := stats.Quantile(around, 0.95)
	marked := 0
	each(box, true, func(x, y int) {
		if far(x, y) > limit {
			mask[y*w+x] = true
			marked++
		}
	})
	if 20*marked < box.Dx()*box.Dy() {
		each(box, true, func(x, y int) { mask[y*w+x] = true })
	}
	return mask
}
