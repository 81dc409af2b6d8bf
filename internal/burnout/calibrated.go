package burnout

import (
	"context"
	"math"
	"slices"

	"codegraph/internal/evt"
	"codegraph/internal/mutual"
	"codegraph/internal/parallel"
)

// Calibrated are the constants of the selection by a test.
type Calibrated struct {
	FDR float64 // false-discovery rate of the patches that have links
	// Dependent makes the rate hold whatever the dependence of the patches
	// (Benjamini and Yekutieli); otherwise it takes a positive one, as patches
	// that overlap have it (Benjamini and Hochberg).
	Dependent bool
	Threads   int
}

// SelectCalibrated returns the links of the patches whose vectors no normal
// patch has, at a stated false-discovery rate: those to the images up to the
// rank with the least p-value, after which look-alikes run out. Links come in
// ascending p-value of their rank, ties by image, patch and rank; Ratio is that
// p-value.
func (m *Model) SelectCalibrated(ctx context.Context, t *mutual.Table, p Calibrated) ([]Link, error) {
	if p.FDR <= 0 || t.N <= m.Omega {
		return nil, ctx.Err()
	}
	found := make([][]suspect, t.N)
	cuts := m.cuts(p.FDR)
	err := parallel.ForEach(ctx, t.N, p.Threads, func() func(i int) {
		var v []Entry
		return func(i int) {
			for x := range t.P {
				v = Vector(v, t.Row(i, x))
				if s := m.suspect(v, x, cuts); s.p <= p.FDR {
					s.image, s.patch = int32(i), int32(x)
					found[i] = append(found[i], s)
				}
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return discoveries(slices.Concat(found...), t.N*t.P, p), nil
}

// suspect is a patch that may be selected, with the p-values of its ranks and
// where they lead, up to the least.
type suspect struct {
	image, patch int32
	p            float64
	ranks        []float64
	to           []int32
}

// cuts are ln of the values of (d⁽ⁱ⁾/d⁽ω⁾)^α above which no patch has a
// p-value of fdr by rank i.
func (m *Model) cuts(fdr float64) []float64 {
	least := m.scan.Least(fdr)
	cuts := make([]float64, m.Omega-1)
	for k := range cuts {
		cuts[k] = math.Log(evt.Quantile(least, 1, k+1, m.Omega)) + 1e-9
	}
	return cuts
}

// suspect tests a vector, if any of its ranks may count; else its p is 1.
func (m *Model) suspect(v []Entry, x int, cuts []float64) suspect {
	s := suspect{p: 1}
	alpha := m.Alpha(x)
	if !(alpha > 0) || len(v) < m.Omega || v[m.Omega-1].Distance == 0 {
		return s
	}
	end := float64(v[m.Omega-1].Distance)
	last := -1
	for k, cut := range cuts {
		if float64(v[k].Distance) <= end*math.Exp(cut/alpha) {
			last = k
		}
	}
	least, at := math.Inf(1), 0
	for k := range last + 1 {
		p := evt.RankP(float64(v[k].Distance)/end, alpha, k+1, m.Omega)
		if s.ranks, s.to = append(s.ranks, p), append(s.to, v[k].Image); p < least {
			least, at = p, k
		}
	}
	if last >= 0 {
		s.p, s.ranks, s.to = m.scan.P(least), s.ranks[:at+1], s.to[:at+1]
	}
	return s
}

// discoveries are the links of the suspects that are, among so many patches.
func discoveries(suspects []suspect, patches int, p Calibrated) []Link {
	values := make([]float64, len(suspects))
	for k, s := range suspects {
		values[k] = s.p
	}
	discover := evt.BenjaminiHochberg
	if p.Dependent {
		discover = evt.BenjaminiYekutieli
	}
	cut := discover(values, patches, p.FDR)
	if cut < 0 {
		return nil
	}
	var out []Link
	for _, s := range suspects {
		if s.p > cut {
			continue
		}
		for k, v := range s.ranks {
			out = append(out, Link{s.image, s.patch, int32(k + 1), s.to[k], float32(v)})
		}
	}
	slices.SortFunc(out, compareLinks)
	return out
}
