package beds

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math/rand/v2"

	"codegraph/imageset"
	"codegraph/internal/plant"
)

// Label says what a photograph of a bed is.
type Label string

const (
	Good          Label = "good"
	RareDefect    Label = "rare"
	SharedDefect  Label = "recurring"
	SharedFeature Label = "harmless" // good, with what recurs in a harmless bed
)

// Defective reports whether a part so labelled is to be found.
func (l Label) Defective() bool { return l == RareDefect || l == SharedDefect }

// Image is a photograph of a bed.
type Image struct {
	Name   string
	Label  Label
	Kind   plant.Kind // planted on it; "" for none
	Detail string     // where a real defect comes from, else Kind
	Pixels *image.NRGBA
	Mask   *image.Gray // 255 where the defect is; nil for none
	Also   bool        // it has the harmless change Bed.Also
}

// Batch is a rendered bed.
type Batch struct {
	Bed
	Images []Image
}

// Items is the batch as it is scanned; results index it.
func (b *Batch) Items() imageset.Set {
	set := make(imageset.Set, len(b.Images))
	for i, im := range b.Images {
		set[i] = imageset.Item{Name: im.Name, Pixels: im.Pixels}
	}
	return set
}

// Labelled lists the images with a label.
func (b *Batch) Labelled(l Label) (all []int) {
	for i, im := range b.Images {
		if im.Label == l {
			all = append(all, i)
		}
	}
	return all
}

// Defective says of each image whether it is.
func (b *Batch) Defective() []bool {
	out := make([]bool, len(b.Images))
	for i, im := range b.Images {
		out[i] = im.Label.Defective()
	}
	return out
}

// Render makes the photographs of a bed.
func (p *Photographs) Render(ctx context.Context, b Bed) (*Batch, error) {
	s, err := p.set(ctx, b.Set)
	if err != nil {
		return nil, err
	}
	if b.N > len(s.good) {
		return nil, fmt.Errorf("beds: %s: %d photographs of %d", b.Name, b.N, len(s.good))
	}
	r := &renderer{set: s, bed: b, rng: rand.New(rand.NewPCG(b.Seed, 1)), batch: &Batch{Bed: b}}
	if err := r.render(ctx); err != nil {
		return nil, fmt.Errorf("beds: %s: %w", b.Name, err)
	}
	return r.batch, nil
}

type renderer struct {
	set   *set
	bed   Bed
	rng   *rand.Rand
	batch *Batch
	parts []*plant.Part
}

func (r *renderer) render(ctx context.Context) error {
	drawn := r.rng.Perm(len(r.set.good))[:r.bed.N]
	for k, g := range drawn {
		part := r.set.good[g]
		r.parts = append(r.parts, part)
		r.batch.Images = append(r.batch.Images, Image{Name: fmt.Sprintf("%02d-%s", k, r.set.names[g]), Label: Good, Pixels: part.Image})
	}
	order := r.rng.Perm(r.bed.N)
	recurring, rare := order[:r.bed.Copies()], order[r.bed.Copies():][:r.bed.Rare]
	if err := r.also(); err != nil {
		return err
	}
	var err error
	switch r.bed.Purpose {
	case Recurring:
		err = r.recur(ctx, recurring)
	case Harmless:
		err = r.change(ctx, recurring)
	}
	if err != nil {
		return err
	}
	return r.scatter(ctx, rare)
}

// also makes the harmless change beside a recurring defect.
func (r *renderer) also() error {
	if r.bed.Also == "" {
		return nil
	}
	c, err := plant.Alter(r.bed.Also, r.bed.Seed)
	if err != nil {
		return err
	}
	for _, i := range r.rng.Perm(r.bed.N)[:3*r.bed.N/10] {
		r.parts[i] = r.parts[i].With(c.Apply(r.parts[i], r.copySeed(i)))
		r.batch.Images[i].Pixels, r.batch.Images[i].Also = r.parts[i].Image, true
	}
	return nil
}

// copySeed is the seed of what is planted on image i.
func (r *renderer) copySeed(i int) uint64 { return r.bed.Seed*1000 + uint64(i) }

func (r *renderer) recur(ctx context.Context, images []int) error {
	// What cannot be planted on these photographs is drawn again.
	for try := range uint64(20) {
		d, err := r.defect(r.bed.Kind, r.bed.Size, r.bed.Strength, r.bed.Anywhere, r.bed.Seed+try<<32)
		if err == nil {
			err = r.plant(ctx, d, images, SharedDefect)
		}
		if err == nil || !errors.Is(err, plant.ErrPlace) && !errors.Is(err, errFaint) {
			return err
		}
	}
	return fmt.Errorf("a %s: %w", r.bed.Kind, errFaint)
}

// defect draws a defect, or chooses a real one of the bed's split.
func (r *renderer) defect(kind plant.Kind, size, strength float64, anywhere bool, seed uint64) (*plant.Defect, error) {
	rng := rand.New(rand.NewPCG(seed, 2))
	if kind == plant.Real {
		var own []*plant.Defect
		for k, d := range r.set.defects {
			if (k%3 == 0) == (r.bed.Split == Tuning) {
				own = append(own, d)
			}
		}
		if len(own) == 0 {
			return nil, fmt.Errorf("the set has no real defects that can be planted")
		}
		d := own[rng.IntN(len(own))]
		if anywhere {
			d = d.Anywhere()
		}
		return d, nil
	}
	p := r.parts[0]
	return plant.Draw(p, plant.Spec{Kind: kind, Size: max(size*p.Scale(), 2), Strength: strength, Anywhere: anywhere}, seed)
}

// errFaint marks a defect that cannot be seen where it was planted.
var errFaint = errors.New("what was planted cannot be seen")

// faintest is the fewest pixels that must be seen of a defect.
const faintest = 6

func (r *renderer) plant(ctx context.Context, d *plant.Defect, images []int, label Label) error {
	done := make([]*plant.Planted, len(images))
	for k, i := range images {
		if err := ctx.Err(); err != nil {
			return err
		}
		planted, err := d.Plant(r.parts[i], r.copySeed(i))
		if err != nil {
			return err
		}
		seen := 0
		for _, v := range planted.Mask.Pix {
			if v > 0 {
				seen++
			}
		}
		if seen < faintest {
			return errFaint
		}
		done[k] = planted
	}
	for k, i := range images {
		im := &r.batch.Images[i]
		im.Label, im.Kind, im.Detail, im.Pixels, im.Mask = label, d.Kind, done[k].Label, done[k].Image, done[k].Mask
	}
	return nil
}

// scatter plants a defect of its own on each of the images.
func (r *renderer) scatter(ctx context.Context, images []int) error {
	kinds := plant.Defects()
	if len(r.set.defects) > 0 {
		kinds = append(kinds, plant.Real)
	}
	at := r.rng.IntN(len(kinds))
	for k, i := range images {
		kind := kinds[(at+k)%len(kinds)]
		if kind == r.bed.Kind {
			at++
			kind = kinds[(at+k)%len(kinds)]
		}
		err := errFaint
		for try := uint64(0); err != nil && try < 20; try++ {
			size := sizes[kind]
			var d *plant.Defect
			d, err = r.defect(kind, span(r.rng, size[0], size[1]), span(r.rng, 0.5, 1), false, r.copySeed(i)+try<<32+7)
			if err == nil {
				err = r.plant(ctx, d, []int{i}, RareDefect)
			}
			if err != nil && !errors.Is(err, plant.ErrPlace) && !errors.Is(err, errFaint) {
				return err
			}
		}
		if err != nil {
			return fmt.Errorf("a rare %s: %w", kind, err)
		}
	}
	return nil
}

func (r *renderer) change(ctx context.Context, images []int) error {
	c, err := plant.Alter(r.bed.Kind, r.bed.Seed)
	if err != nil {
		return err
	}
	for _, i := range images {
		if err := ctx.Err(); err != nil {
			return err
		}
		im := &r.batch.Images[i]
		im.Label, im.Kind, im.Detail, im.Pixels = SharedFeature, r.bed.Kind, string(r.bed.Kind), c.Apply(r.parts[i], r.copySeed(i))
	}
	return nil
}
