package synth

import (
	"math"
	"math/rand/v2"
)

// wear is what handling leaves on good parts, too: hairlines and smudges much
// fainter than any defect. It keeps good parts from being all alike.
type wear struct {
	hairlines []hairline
	smudges   []smudge
}

type hairline struct {
	a, b     vec
	strength float64
}

type smudge struct {
	blob
	amount float64
}

// newWear draws wear for a part that fits in the square of the given half
// side.
func newWear(rng *rand.Rand, half float64) *wear {
	w := &wear{}
	anywhere := func() vec { return vec{span(rng, -half, half), span(rng, -half, half)} }
	for range rng.IntN(8) {
		a := anywhere()
		b := a.add(polar(span(rng, 10, 45), span(rng, 0, 2*math.Pi)))
		w.hairlines = append(w.hairlines, hairline{a, b, span(rng, 0.03, 0.11) * sign(rng)})
	}
	for range rng.IntN(4) {
		w.smudges = append(w.smudges, smudge{newBlob(rng, anywhere(), span(rng, 10, 26), 0.7), span(rng, 0.02, 0.07)})
	}
	return w
}

func (w *wear) apply(q vec, s *surface) {
	for _, h := range w.hairlines {
		if d, t := segment(q, h.a, h.b, 0); d < 0.9 {
			a := h.strength * 4 * t * (1 - t) * (1 - d/0.9)
			s.tint(1+a, 1+a, 1+a, 1)
			s.spec *= 1 + a
		}
	}
	for _, m := range w.smudges {
		if m.far(q) {
			continue
		}
		a := m.amount * step(0.3, -0.5, m.at(q))
		s.tint(1-a, 1-a, 1-1.3*a, 1)
		s.spec *= 1 - 1.5*a
	}
}
