package snapshot

import (
	"math"

	"codegraph/internal/burnout"
	"codegraph/internal/stats"
)

// omega is the reference rank of tail indices: that of the gallery's own images.
func (s *Snapshot) omega() int { return burnout.Omega(s.tokens.N(), s.about.Options.Constants.Omega) }

// tailIndex is that of an image whose patches have these distances to the gallery,
// [P][M]; NaN where they do not tell.
func (s *Snapshot) tailIndex(distances []float32) float64 {
	m := s.tokens.N()
	return burnout.Pooled(func(yield func([]float32) bool) {
		for x := 0; x+m <= len(distances) && yield(distances[x:x+m]); x += m {
		}
	}, s.omega())
}

// ownTailIndex is the median of the gallery's images; NaN where they do not tell.
func (s *Snapshot) ownTailIndex() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tail == 0 {
		var known []float64
		for i := range s.table.N {
			alpha := burnout.Pooled(func(yield func([]float32) bool) {
				for x := 0; x < s.table.P && yield(s.table.Row(i, x)); x++ {
				}
			}, s.omega())
			if !math.IsNaN(alpha) {
				known = append(known, alpha)
			}
		}
		s.tail = math.NaN()
		if len(known) > 0 {
			s.tail = stats.Median(known)
		}
	}
	return s.tail
}
