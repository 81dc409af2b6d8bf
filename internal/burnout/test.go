package burnout

import (
	"math"

	"codegraph/internal/evt"
)

// Level is the p-value down to which a patch burns out. It is our choice, for
// a question about one patch: of the normal patches of a batch one in a hundred
// burns out by chance where the model fits.
const Level = 0.01

// Test is the outcome of the test of one patch for burnout: are its nearest
// images nearer than those of a normal patch with the same d⁽ω⁾?
type Test struct {
	P     float64   // of the patch: corrected for the choice among the ranks
	Rank  int       // the rank i < ω that has the least p-value; 0: nothing to test
	Ranks []float64 // p-values of the ranks i < ω, from i = 1
	// Growth is d⁽ⁱ⁺¹⁾/d⁽ⁱ⁾ at Rank, 0 where d⁽ⁱ⁾ is 0; Usual is exp(E τ⁽ⁱ⁾) =
	// exp(1/(αi)), the growth of a normal patch there.
	Growth, Usual float64
}

// BurnsOut reports whether the look-alikes of the patch run out below ω: after
// Rank images.
func (t Test) BurnsOut() bool { return t.Rank > 0 && t.P <= Level }

// Test tests the vector of a patch at place x. It has a P of 1 and no ranks
// where there is nothing to test.
func (m *Model) Test(v []Entry, x int) Test {
	out := m.TestPatch(v, x)
	if out.Rank > 0 {
		alpha := m.Alpha(x)
		for k, z := range endurance(v, m.Omega) {
			out.Ranks = append(out.Ranks, evt.RankP(z, alpha, k+1, m.Omega))
		}
	}
	return out
}

// TestPatch is Test without the p-values of the ranks, of which it works out only
// those that may be the least.
func (m *Model) TestPatch(v []Entry, x int) Test {
	out := Test{P: 1}
	alpha := m.Alpha(x)
	if !(alpha > 0) || len(v) < m.Omega || v[m.Omega-1].Distance == 0 {
		return out
	}
	least, lnChoose := math.Inf(1), 0.0
	for k, z := range endurance(v, m.Omega) {
		lnChoose += math.Log(float64(m.Omega-1-k) / float64(k+1))
		if out.Rank > 0 && evt.RankPAbove(least, z, alpha, k+1, m.Omega, lnChoose) {
			continue
		}
		if p := evt.RankP(z, alpha, k+1, m.Omega); p < least {
			least, out.Rank = p, k+1
		}
	}
	out.P = m.scan.P(least)
	if d := v[out.Rank-1].Distance; d > 0 {
		out.Growth = float64(v[out.Rank].Distance) / float64(d)
	}
	out.Usual = math.Exp(evt.ExpectedGrowth(alpha, out.Rank))
	return out
}
