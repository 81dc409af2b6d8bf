package rehearse

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"codegraph/internal/eval/beds"
	"codegraph/internal/parallel"
	"codegraph/internal/plant"
)

// planted is what is on a photograph of a batch.
type planted struct {
	defect
	size float64 // pixels, measured for a real one
}

// batch is a rendered trial.
type batch struct {
	*beds.Batch
	trial   trial
	planted []*planted // on each photograph; nil for nothing
}

// strength of the defects that are drawn: plain to see for a person.
const strength = 0.8

// render makes the photographs of a trial.
func (p *Photographs) render(ctx context.Context, t trial, threads int) (*batch, error) {
	b := &batch{Batch: &beds.Batch{Bed: beds.Bed{N: len(p.parts), Share: t.share}}, trial: t, planted: make([]*planted, len(p.parts))}
	for i, part := range p.parts {
		b.Images = append(b.Images, beds.Image{Name: p.Names[i], Label: beds.Good, Pixels: part.Image})
	}
	order := rand.New(rand.NewPCG(t.seed, 2)).Perm(len(p.parts))
	copies := order[:max(int(math.Round(t.share*float64(len(order)))), 2)]
	switch {
	case t.harmless != "":
		return b, p.change(ctx, b, copies, threads)
	case t.recurs != nil:
		return b, p.plant(ctx, b, *t.recurs, t.seed, copies, beds.SharedDefect, threads)
	}
	for k, d := range t.rare {
		if err := p.plant(ctx, b, d, t.seed+uint64(k+1)<<32, order[k:k+1], beds.RareDefect, 1); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (p *Photographs) change(ctx context.Context, b *batch, copies []int, threads int) error {
	c, err := plant.Alter(b.trial.harmless, b.trial.seed)
	if err != nil {
		return err
	}
	return parallel.Do(ctx, len(copies), threads, func(k int) error {
		i := copies[k]
		im := &b.Images[i]
		im.Label, im.Kind, im.Pixels = beds.SharedFeature, b.trial.harmless, c.Apply(p.parts[i], b.trial.seed+uint64(i))
		return nil
	}, nil)
}

// attempts is how often a defect is drawn anew that does not fit or cannot be
// seen.
const attempts = 20

// plant plants one defect on the photographs of these indices.
func (p *Photographs) plant(ctx context.Context, b *batch, d defect, seed uint64, on []int, label beds.Label, threads int) (err error) {
	for try := range uint64(attempts) {
		var drawn *plant.Defect
		if drawn, err = p.draw(d, on[0], seed+try<<48); err == nil {
			err = p.plantCopies(ctx, b, d, drawn, seed, on, label, threads)
		}
		if err == nil || !errors.Is(err, plant.ErrPlace) && !errors.Is(err, errUnseen) {
			return err
		}
	}
	return fmt.Errorf("a %s of %g pixels: %w", d.kind, d.size, err)
}

func (p *Photographs) draw(d defect, on int, seed uint64) (*plant.Defect, error) {
	if d.kind == plant.Real {
		return p.defects[d.real], nil
	}
	return plant.Draw(p.parts[on], plant.Spec{Kind: d.kind, Size: max(d.size/p.reduced, 1), Strength: strength}, seed)
}

// errUnseen marks a defect that cannot be seen where it was planted, such as
// a feature shifted along itself.
var errUnseen = errors.New("what was planted cannot be seen")

func (p *Photographs) plantCopies(ctx context.Context, b *batch, d defect, drawn *plant.Defect, seed uint64, on []int, label beds.Label, threads int) error {
	done := make([]*plant.Planted, len(p.parts))
	err := parallel.Do(ctx, len(on), threads, func(k int) (err error) {
		i := on[k]
		if done[i], err = drawn.Plant(p.parts[i], seed+uint64(i)); err != nil {
			return err
		}
		for _, v := range done[i].Mask.Pix {
			if v > 0 {
				return nil
			}
		}
		return errUnseen
	}, nil)
	if err != nil {
		return err
	}
	for _, i := range on {
		im := &b.Images[i]
		im.Label, im.Kind, im.Detail, im.Pixels, im.Mask = label, d.kind, drawn.Label, done[i].Image, done[i].Mask
		b.planted[i] = &planted{d, drawn.Size * p.reduced}
	}
	return nil
}
