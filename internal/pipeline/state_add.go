package pipeline

import (
	"context"
	"fmt"
	"math"
	"slices"

	"codegraph/imageset"
	"codegraph/internal/mutual"
	"codegraph/internal/pose"
	"codegraph/internal/token"
)

// Add scores images as Score does and returns a state in whose base they are,
// too. It compares the newcomers with the base, both ways, and with each
// other; what was compared before is not compared again. Families are found
// anew.
func (s *State) Add(ctx context.Context, images imageset.Set, opts Options) (*Result, *State, error) {
	opts, err := s.options(opts)
	if err != nil {
		return nil, nil, err
	}
	n := &newcomers{State: s, opts: opts, kept: newKept(opts), stay: true}
	r, err := n.score(ctx, images)
	if err != nil {
		return nil, nil, err
	}
	taken := make(map[string]bool)
	for _, name := range s.about.Images {
		taken[name] = true
	}
	for _, im := range r.Images {
		if taken[im.Item.Name] {
			return nil, nil, fmt.Errorf("%w: it has an image %q already; rename the new one", ErrState, im.Item.Name)
		}
	}
	grown, err := n.grow(ctx)
	if err != nil {
		return nil, nil, err
	}
	grown.about.Judged = slices.Concat(s.about.Judged, r.judged())
	return r, grown, nil
}

// grow makes a state of the base and the newcomers that were scored.
func (n *newcomers) grow(ctx context.Context) (*State, error) {
	late := token.NewStore(len(n.stores), n.tokens.Layers(), n.tokens.H, n.tokens.W, n.opts.Radii)
	for i, one := range n.stores {
		for l := range one.Layers() {
			late.SetBlock(l, i, one.Block(l, 0))
		}
	}
	table, err := n.extend(ctx, late)
	if err != nil {
		return nil, err
	}
	d := n.revived(late, table)
	if d.opts.Method != MethodMuSc {
		if err := d.codegraph(ctx); err != nil {
			return nil, err
		}
	}
	grown, err := d.newState(ctx)
	if err != nil {
		return nil, err
	}
	grown.template, grown.about.Pattern = n.template, n.about.Pattern
	return grown, nil
}

// extend returns the distances of the base and, behind it, the newcomers.
func (n *newcomers) extend(ctx context.Context, late *token.Store) (*mutual.Table, error) {
	o := n.search()
	back, err := mutual.NewBase(late, nil, o, false).Against(ctx, n.tokens, o)
	if err != nil {
		return nil, err
	}
	among := mutual.NewTable(1, n.tokens.P())
	if late.N() > 1 {
		if among, _, err = mutual.Compare(ctx, late, o); err != nil {
			return nil, err
		}
	}
	old, m, fresh := n.before, n.tokens.N(), late.N()
	t := mutual.NewTable(m+fresh, n.tokens.P())
	for p := range t.P {
		for i := range m {
			row := t.Row(i, p)
			copy(row, old.Row(i, p))
			copy(row[m:], back[i].Before[p*fresh:(p+1)*fresh])
			if hidden(old.Row(i, p), i) {
				clear(row)
				row[i] = float32(math.Inf(1))
			}
		}
		for i := range fresh {
			row := t.Row(m+i, p)
			copy(row, n.strips[i].Before[p*m:(p+1)*m])
			copy(row[m:], among.Row(i, p))
			if turn := n.out.Images[i].Turn; turn != 0 && pose.ToOriginal(p, n.tokens.H, n.tokens.W, turn) < 0 {
				clear(row)
			}
			row[m+i] = float32(math.Inf(1))
		}
	}
	return t, nil
}

// hidden reports whether a patch shows nothing of image i, because it was
// turned: see hide.
func hidden(row []float32, i int) bool {
	for j, v := range row {
		if j != i && v != 0 {
			return false
		}
	}
	return true
}

// revived is a detector that has compared the base and the newcomers.
func (n *newcomers) revived(late *token.Store, table *mutual.Table) *detector {
	o := n.opts
	d := newDetector(nil, nil, o)
	d.keep, d.tokens, d.table, d.pool = true, token.Join(n.tokens, late), table, mutual.NewPool(table.N, table.P, false, "")
	r := d.result
	r.GridH, r.GridW = n.tokens.H, n.tokens.W
	for i, name := range n.about.Images {
		r.Images = append(r.Images, Image{Item: imageset.Item{Name: name}, Family: -1, reference: n.about.Reference[i]})
	}
	for _, im := range n.out.Images {
		r.Images = append(r.Images, Image{Item: im.Item, Family: -1})
	}
	d.musc = table.Scores(d.neighbours(), o.Threads)
	d.final = d.musc
	return d
}
