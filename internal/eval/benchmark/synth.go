package benchmark

import (
	"context"
	"fmt"
	"iter"
	"math"

	"codegraph"
	"codegraph/internal/eval/synth"
)

// Rendering says which batches of rendered parts are evaluated: one for each
// kind, number of images, share of recurring defects and seed.
type Rendering struct {
	Kinds  []synth.Kind
	Images []int     // N
	Shares []float64 // of the images that have the recurring defect
	Seeds  []uint64
	// RareShare is the share of images with a defect of their own.
	RareShare float64
	// VariantShare is that of synth.Config.
	VariantShare float64
	Size         int // of the images, in pixels
}

// Rendered is the evaluation of one rendered batch.
type Rendered struct {
	Kind      synth.Kind
	Images    int
	Share     float64
	Seed      uint64
	Recurring int // images with the recurring defect
	*Evaluation
}

// foreign is the largest share of other images in a family that shows a
// recurring defect, whole the least share of its images.
const (
	foreign = 0.05
	whole   = 0.9
)

// Found reports whether one family of status defect holds at least whole of
// the images with the recurring defect and at most foreign others.
func (r *Rendered) Found() bool {
	for _, f := range r.Families {
		if f.Status == codegraph.StatusDefect && r.shows(f) {
			return true
		}
	}
	return false
}

func (r *Rendered) shows(f FamilyEvaluation) bool {
	own, others := f.members()
	return own > 0 && float64(own) >= whole*float64(r.Recurring) && float64(others) <= foreign*float64(own+others)
}

// members counts those with the recurring defect, and the others.
func (f FamilyEvaluation) members() (own, others int) {
	for t, n := range f.Types {
		if t == synth.TypeRecurring {
			own += n
		} else {
			others += n
		}
	}
	return own, others
}

// FalseDefects counts the families of status defect most of whose members do
// not have the recurring defect.
func (r *Rendered) FalseDefects() int {
	n := 0
	for _, f := range r.Families {
		own, others := f.members()
		if f.Status == codegraph.StatusDefect && others >= own {
			n++
		}
	}
	return n
}

// PixelAP returns the pixel AP on the recurring type, NaN if there is none.
func (r *Rendered) PixelAP(m codegraph.Method) float64 { return r.recurring().PixelAP[m] }

// all yields the batches, in the order of the lists, not evaluated yet.
func (s Rendering) all() iter.Seq[*Rendered] {
	return func(yield func(*Rendered) bool) {
		for _, kind := range s.Kinds {
			for _, n := range s.Images {
				for _, share := range s.Shares {
					for _, seed := range s.Seeds {
						recurring := s.Config(kind, n, share, seed).Recurring
						if !yield(&Rendered{Kind: kind, Images: n, Share: share, Seed: seed, Recurring: recurring}) {
							return
						}
					}
				}
			}
		}
	}
}

// Synth evaluates rendered batches, in the order of the lists.
func Synth(ctx context.Context, s Rendering, o Options) (all []*Rendered, err error) {
	for r := range s.all() {
		b, err := s.batch(ctx, r)
		if err != nil {
			return nil, err
		}
		if r.Evaluation, err = Evaluate(ctx, b, o); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// Config is that of one batch.
func (s Rendering) Config(kind synth.Kind, n int, share float64, seed uint64) synth.Config {
	recurring, rare := int(math.Round(share*float64(n))), int(math.Round(s.RareShare*float64(n)))
	return synth.Config{
		Kind: kind, Size: s.Size, Seed: seed, VariantShare: s.VariantShare,
		Good: max(0, n-rare-recurring), Rare: rare, Recurring: recurring,
	}
}

// Sources are those of all batches, which are rendered when they are used.
func (s Rendering) Sources() []Source {
	var out []Source
	for r := range s.all() {
		out = append(out, func(ctx context.Context) (*Batch, error) { return s.batch(ctx, r) })
	}
	return out
}

// batch renders the batch that r is to evaluate.
func (s Rendering) batch(ctx context.Context, r *Rendered) (*Batch, error) {
	samples, err := synth.Render(ctx, s.Config(r.Kind, r.Images, r.Share, r.Seed))
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("%s, %d images, %g %% recurring, seed %d", r.Kind, r.Images, 100*r.Share, r.Seed)
	return FromSamples(name, samples), nil
}
