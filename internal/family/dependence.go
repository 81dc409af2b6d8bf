package family

import (
	"context"
	"fmt"
	"math"
	"slices"

	"codegraph/internal/mutual"
	"codegraph/internal/parallel"
	"codegraph/internal/stats"
)

// dependence examines groups by the ln ρ of their patches.
type dependence struct {
	*ranking
	scores [][]float32
	p      Params
}

// trial is a group under examination.
type trial struct {
	members []uint16 // ascending
	in      []bool   // by image
	gain    float64
	rho     [][]float64 // ln ρ, [N][P]; nil where it is not known
	top     []float64   // mean of the three highest of each image
}

func (d *dependence) newTrial(members []int) *trial {
	t := &trial{in: make([]bool, d.N), rho: make([][]float64, d.N), top: make([]float64, d.N)}
	for _, i := range members {
		t.in[i] = true
		t.members = append(t.members, uint16(i))
	}
	return t
}

// depend computes ln ρ for the groups' own images or for all others. It goes
// through the images once: what it takes to rank a row is shared by all
// groups.
func (d *dependence) depend(ctx context.Context, trials []*trial, own bool) error {
	return parallel.ForEach(ctx, d.N, d.p.Threads, func() func(i int) {
		c := d.cursor()
		var here []*trial
		return func(i int) {
			here = here[:0]
			for _, t := range trials {
				if t.in[i] == own {
					t.rho[i] = make([]float64, d.P)
					here = append(here, t)
				}
			}
			if len(here) == 0 {
				return
			}
			for x := range d.P {
				c.load(i, x)
				for _, t := range here {
					t.rho[i][x] = d.logRho(c, t, i, x)
				}
			}
			for _, t := range here {
				t.top[i] = topMean(t.rho[i], 3)
			}
		}
	})
}

// logRho is ln ρ of patch x of image i, where c is; 0/0 counts as 0.
func (d *dependence) logRho(c *cursor, t *trial, i, x int) float64 {
	rest := d.N - len(t.members)
	if !t.in[i] {
		rest--
	}
	without := float64(c.lowest(t.members, mutual.Neighbours(rest+1, d.p.Neighbours)))
	if now := float64(d.scores[i][x]); now > 0 && !math.IsInf(without, 1) {
		return math.Log(without / now)
	}
	return 0
}

const (
	// rounds bounds how often membership is revised.
	rounds = 3
	// atOnce groups are examined together: their ln ρ take the memory of 32
	// images of the table.
	atOnce = 16
)

// verdict is what became of a group: the family it makes, if any, and who
// should be in it.
type verdict struct {
	family *Family
	next   []int
}

// families examines groups and returns the families they make, each once, in
// the order of the groups. Who joins or leaves changes what the others depend
// on, so it goes round until nobody does.
func (d *dependence) families(ctx context.Context, groups [][]int) ([]Family, error) {
	known := make(map[string]verdict) // many groups end up as the same
	groups, found := slices.Clone(groups), make([]*Family, len(groups))
	for range rounds {
		if err := d.examine(ctx, groups, known); err != nil {
			return nil, err
		}
		for g, c := range groups {
			if c == nil {
				continue
			}
			v := known[fmt.Sprint(c)]
			found[g], groups[g] = v.family, v.next
			if slices.Equal(v.next, c) {
				groups[g] = nil
			}
		}
	}
	var families []Family
	seen := make(map[*Family]bool)
	for _, f := range found {
		if f == nil || seen[f] {
			continue
		}
		seen[f] = true
		if f.Coherence = d.coherence(f); f.Coherence >= d.p.MinCoherence {
			families = append(families, *f)
		}
	}
	return families, nil
}

// examine adds the verdicts on groups to known, those that are not yet. A
// group that leaves fewer than two images is none.
func (d *dependence) examine(ctx context.Context, groups [][]int, known map[string]verdict) error {
	var open [][]int
	for _, c := range groups {
		key := fmt.Sprint(c)
		if _, ok := known[key]; c == nil || ok {
			continue
		}
		known[key] = verdict{}
		if len(c) < d.N-1 {
			open = append(open, c)
		}
	}
	for block := range slices.Chunk(open, atOnce) {
		verdicts, err := d.judge(ctx, block)
		if err != nil {
			return err
		}
		for k, c := range block {
			known[fmt.Sprint(c)] = verdicts[k]
		}
	}
	return nil
}

// judge applies the gates to groups. Those that gain too little by their own
// images are done with.
func (d *dependence) judge(ctx context.Context, groups [][]int) ([]verdict, error) {
	trials := make([]*trial, len(groups))
	for k, c := range groups {
		trials[k] = d.newTrial(c)
	}
	if err := d.depend(ctx, trials, true); err != nil {
		return nil, err
	}
	var left []*trial
	for _, t := range trials {
		if t.gain = t.median(); t.gain >= d.p.MinGain {
			left = append(left, t)
		}
	}
	if err := d.depend(ctx, left, false); err != nil {
		return nil, err
	}
	verdicts := make([]verdict, len(groups))
	err := parallel.ForEach(ctx, len(trials), d.p.Threads, func() func(k int) {
		return func(k int) {
			if t := trials[k]; t.gain >= d.p.MinGain {
				verdicts[k] = d.revise(t)
			}
		}
	})
	return verdicts, err
}

// median is the gain: that of the members' highest ln ρ.
func (t *trial) median() float64 {
	gains := make([]float64, len(t.members))
	for k, i := range t.members {
		gains[k] = t.top[i]
	}
	return stats.Median(gains)
}

// revise says who should be in a group and what family the members make that
// stay.
func (d *dependence) revise(t *trial) verdict {
	limit := max(d.p.MinLogRho, d.p.RelLogRho*t.gain, t.outside(d.p.Percentile/100))
	f, next := &Family{Gain: t.gain}, []int(nil)
	for i, r := range t.rho {
		if t.top[i] < max(t.gain/2, limit) {
			continue
		}
		m := guilty(i, r, limit)
		if len(m.Patches) == 0 || d.finds(m, t.members) < d.p.MinCoherence {
			continue
		}
		if next = append(next, i); t.in[i] {
			f.Members = append(f.Members, m)
			f.Area += float64(len(m.Patches)) / float64(len(r))
		}
	}
	if len(f.Members) < d.p.MinMembers {
		return verdict{}
	}
	f.Area /= float64(len(f.Members))
	footprints := f.Area * float64(d.Table.P) / max(1, d.p.Footprint)
	f.Local, f.Sharp = f.Area <= d.p.MaxArea, f.Gain >= d.p.MinSharpness*footprints
	return verdict{f, next}
}

// outside is a quantile of ln ρ outside the group.
func (t *trial) outside(q float64) float64 {
	n := 0
	for i, r := range t.rho {
		if !t.in[i] {
			n += len(r)
		}
	}
	if n == 0 {
		return 0
	}
	lo, _ := stats.Position(n, q)
	top := highest{most: n - lo}
	for i, r := range t.rho {
		if !t.in[i] {
			top.add(r)
		}
	}
	return stats.SortedQuantile(top.sorted(), n, q)
}

// coherence is the median over members of the share of the other members
// that a guilty patch finds.
func (d *dependence) coherence(f *Family) float64 {
	members, shares := make([]uint16, len(f.Members)), make([]float64, len(f.Members))
	for k, m := range f.Members {
		members[k] = uint16(m.Image)
	}
	for k, m := range f.Members {
		shares[k] = d.finds(m, members)
	}
	return stats.Median(shares)
}

// finds is the mean share of the other members that a guilty patch of m
// finds: closer than the score it would have without the family, by half its
// ln ρ.
func (d *dependence) finds(m Member, members []uint16) float64 {
	found, others := 0, len(members)
	if slices.Contains(members, uint16(m.Image)) {
		others--
	}
	for x, p := range m.Patches {
		near := float64(d.scores[m.Image][p]) * math.Exp(m.LogRho[x]/2)
		row := d.Row(m.Image, p)
		for _, o := range members {
			if int(o) != m.Image && float64(row[o]) < near {
				found++
			}
		}
	}
	return float64(found) / float64(max(1, len(m.Patches)*others))
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
