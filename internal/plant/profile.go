package plant

import "math"

// profile is a part around its centre: brightness less its mean over the ring,
// by radius and angle.
type profile struct {
	v    [rings][directions]float64
	norm float64
}

const (
	rings      = 24
	directions = 180
)

func newProfile(p *Part) *profile {
	pr := &profile{}
	reach := 1.6 * p.frame.sx * 2 / math.Sqrt(math.Pi)
	for r := range rings {
		mean := 0.0
		for a := range directions {
			at := p.frame.centre.add(direction(2 * math.Pi * float64(a) / directions).mul(reach * (float64(r) + 0.5) / rings))
			v := 0.0
			if x, y := int(math.Floor(at.x)), int(math.Floor(at.y)); p.inside(x, y) {
				v = 0.5 + p.at(x, y).luma()
			}
			pr.v[r][a] = v
			mean += v / directions
		}
		weight := math.Sqrt(float64(r) + 0.5)
		for a := range directions {
			pr.v[r][a] = (pr.v[r][a] - mean) * weight
			pr.norm += pr.v[r][a] * pr.v[r][a]
		}
	}
	pr.norm = math.Sqrt(pr.norm)
	return pr
}

// angle is by how much the part is turned against another one, and by how much
// turning raises the correlation of the two.
func (pr *profile) angle(reference *profile) (angle, gain float64) {
	if pr.norm == 0 || reference.norm == 0 {
		return 0, 0
	}
	best, none := math.Inf(-1), 0.0
	for shift := range directions {
		sum := 0.0
		for r := range rings {
			a, b := &pr.v[r], &reference.v[r]
			for k := range directions - shift {
				sum += a[k+shift] * b[k]
			}
			for k := directions - shift; k < directions; k++ {
				sum += a[k+shift-directions] * b[k]
			}
		}
		sum /= pr.norm * reference.norm
		if shift == 0 {
			none = sum
		}
		if sum > best {
			best, angle = sum, 2*math.Pi*float64(shift)/directions
		}
	}
	return angle, best - none
}
