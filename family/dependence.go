package family

import (
	"context"
	"math"
	"slices"

	"codegraph/mutual"
	"golang.org/x/sync/errgroup"
)

// dependence computes ln ρ.
type dependence struct {
	table  *mutual.Table
	scores [][]float32
	p      Params
}

// logRho returns ln ρ of every patch, [N][P], with the images excluded that
// away marks. 0/0 counts as 0.
func (d *dependence) logRho(ctx context.Context, away []bool) ([][]float64, error) {
	t, left := d.table, 0
	for _, gone := range away {
		if !gone {
			left++
		}
	}
	rho := make([][]float64, t.N)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, d.p.Threads))
	for i := range t.N {
		g.Go(func() error {
			rest := left
			if !away[i] {
				rest--
			}
			k := mutual.Neighbours(rest+1, d.p.Neighbours)
			row, buf := make([]float32, 0, t.N), make([]float32, t.N)
			rho[i] = make([]float64, t.P)
			for p := range t.P {
				row = row[:0]
				for j, v := range t.Row(i, p) {
					if !away[j] {
						row = append(row, v)
					}
				}
				without := float64(mutual.LowestMean(row, buf, k))
				if now := float64(d.scores[i][p]); now > 0 && !math.IsInf(without, 1) {
					rho[i][p] = math.Log(without / now)
				}
			}
			return ctx.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return rho, nil
}

// rounds bounds how often membership is revised.
const rounds = 3

// family examines a suspicious community; nil if it is none. Who joins or
// leaves changes what the others depend on, so it goes round until nobody
// does.
func (d *dependence) family(ctx context.Context, c []int) (*Family, error) {
	members := make([]bool, d.table.N)
	for _, i := range c {
		members[i] = true
	}
	var f *Family
	for range rounds {
		if count(members) >= d.table.N-1 {
			return nil, ctx.Err()
		}
		rho, err := d.logRho(ctx, members)
		if err != nil {
			return nil, err
		}
		var next []bool
		if f, next = d.judge(rho, members); f == nil || slices.Equal(next, members) {
			break
		}
		members = next
	}
	if f == nil {
		return nil, nil
	}
	if f.Coherence = d.coherence(f); f.Coherence < d.p.MinCoherence {
		return nil, nil
	}
	return f, nil
}

// coherence is the median over members of the share of the other members
// that a guilty patch finds.
func (d *dependence) coherence(f *Family) float64 {
	members, shares := make([]bool, d.table.N), make([]float64, len(f.Members))
	for _, m := range f.Members {
		members[m.Image] = true
	}
	for k, m := range f.Members {
		shares[k] = d.finds(m, members)
	}
	return quantile(shares, 0.5)
}

// finds is the mean share of the other members that a guilty patch of m
// finds: closer than the score it would have without the family, by half its
// ln ρ.
func (d *dependence) finds(m Member, members []bool) float64 {
	found, others := 0, count(members)
	if members[m.Image] {
		others--
	}
	for x, p := range m.Patches {
		near := float64(d.scores[m.Image][p]) * math.Exp(m.LogRho[x]/2)
		for o, v := range d.table.Row(m.Image, p) {
			if members[o] && o != m.Image && float64(v) < near {
				found++
			}
		}
	}
	return float64(found) / float64(max(1, len(m.Patches)*others))
}

func count(b []bool) int {
	n := 0
	for _, v := range b {
		if v {
			n++
		}
	}
	return n
}

// judge applies the gates to a community and says who should be in it.
func (d *dependence) judge(rho [][]float64, members []bool) (*Family, []bool) {
	var gains, outside []float64
	top := make([]float64, len(rho))
	for i, r := range rho {
		top[i] = topMean(r, 3)
		if members[i] {
			gains = append(gains, top[i])
		} else {
			outside = append(outside, r...)
		}
	}
	gain := quantile(gains, 0.5)
	if gain < d.p.MinGain {
		return nil, nil
	}
	limit := max(d.p.MinLogRho, d.p.RelLogRho*gain, quantile(outside, d.p.Percentile/100))
	f, next := &Family{Gain: gain}, make([]bool, len(rho))
	for i, r := range rho {
		m := guilty(i, r, limit)
		if top[i] < max(gain/2, limit) || len(m.Patches) == 0 || d.finds(m, members) < d.p.MinCoherence {
			continue
		}
		if next[i] = true; members[i] {
			f.Members = append(f.Members, m)
			f.Area += float64(len(m.Patches)) / float64(len(r))
		}
	}
	if len(f.Members) < d.p.MinMembers {
		return nil, nil
	}
	f.Area /= float64(len(f.Members))
	f.Local = f.Area <= d.p.MaxArea
	return f, next
}

func guilty(i int, rho []float64, limit float64) Member {
	m := Member{Image: i}
	for p, r := range rho {
		if r > limit {
			m.Patches, m.LogRho = append(m.Patches, p), append(m.LogRho, r)
			if len(m.Patches) == 1 || r > rho[m.Representative] {
				m.Representative = p
			}
		}
	}
	return m
}

func topMean(v []float64, k int) float64 {
	sorted := slices.Sorted(slices.Values(v))
	k = min(k, len(sorted))
	var sum float64
	for _, x := range sorted[len(sorted)-k:] {
		sum += x
	}
	return sum / float64(max(1, k))
}

// quantile interpolates linearly, as numpy; 0 for no values.
func quantile(v []float64, q float64) float64 {
	if len(v) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(v))
	at := q * float64(len(sorted)-1)
	lo := int(at)
	hi := min(lo+1, len(sorted)-1)
	return sorted[lo] + (at-float64(lo))*(sorted[hi]-sorted[lo])
}
