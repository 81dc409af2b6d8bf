package synth

import "math"

// vec is a point or direction of the drawing plane, x to the right and y
// down. The image is 320 units wide.
type vec struct{ x, y float64 }

func (a vec) add(b vec) vec             { return vec{a.x + b.x, a.y + b.y} }
func (a vec) sub(b vec) vec             { return vec{a.x - b.x, a.y - b.y} }
func (a vec) mul(s float64) vec         { return vec{s * a.x, s * a.y} }
func (a vec) dot(b vec) float64         { return a.x*b.x + a.y*b.y }
func (a vec) length() float64           { return math.Sqrt(a.x*a.x + a.y*a.y) }
func (a vec) turn(cos, sin float64) vec { return vec{cos*a.x - sin*a.y, sin*a.x + cos*a.y} }

func polar(r, angle float64) vec {
	s, c := math.Sincos(angle)
	return vec{r * c, r * s}
}

// The shapes are signed distances: negative inside, in units.

func circle(p, centre vec, r float64) float64 { return p.sub(centre).length() - r }

// box is a rectangle of the given half sides with rounded corners.
func box(p, centre, half vec, round float64) float64 {
	x := math.Abs(p.x-centre.x) - half.x + round
	y := math.Abs(p.y-centre.y) - half.y + round
	outside := vec{max(x, 0), max(y, 0)}.length()
	return outside + min(max(x, y), 0) - round
}

// segment is a line of width 2r with round ends; t in [0, 1] is how far
// along it p lies.
func segment(p, a, b vec, r float64) (d, t float64) {
	ab, ap := b.sub(a), p.sub(a)
	t = clamp01(ap.dot(ab) / max(ab.dot(ab), 1e-9))
	return ap.sub(ab.mul(t)).length() - r, t
}

// polyline is the distance to a chain of segments and the share of the chain
// that lies before p.
func polyline(p vec, chain []vec, r float64) (d, t float64) {
	d = math.Inf(1)
	for i := 1; i < len(chain); i++ {
		if di, ti := segment(p, chain[i-1], chain[i], r); di < d {
			d, t = di, (float64(i-1)+ti)/float64(len(chain)-1)
		}
	}
	return d, t
}

// fillet fills the inner corner at p0, which opens to the upper right, with
// a quarter circle of radius r.
func fillet(p, p0 vec, r float64) float64 {
	c := vec{p0.x + r, p0.y - r}
	square := box(p, vec{p0.x + r/2 - 1, p0.y - r/2 + 1}, vec{r/2 + 1, r/2 + 1}, 0)
	return max(square, -circle(p, c, r))
}
