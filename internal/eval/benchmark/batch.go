package benchmark

import (
	"context"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/anomap"
	"codegraph/internal/eval/dataset"
	"codegraph/internal/eval/synth"
	"codegraph/report"
)

// Batch is a set of images and its truth.
type Batch struct {
	Name     string
	Items    imageset.Set
	Types    []string // of each image: dataset.Good or the type of defect
	Warnings []string
	// HasMask says of each image whether it is known which pixels are
	// anomalous.
	HasMask []bool
	// mask returns which pixels of image i, w × h, are anomalous.
	mask func(ctx context.Context, i, w, h int) ([]bool, []string, error)
	// source returns what image i and its truth are made of.
	source func(i int) source
}

// source is what a digest of an image and its truth is taken of.
type source struct {
	files  []string // the image and its masks
	pixels [][]byte // the same in memory
}

// FromCategory makes a batch of a category.
func FromCategory(c *dataset.Category) *Batch {
	b := &Batch{Name: c.Name, Items: c.Items(), Warnings: c.Warnings}
	for _, p := range c.Problems {
		b.Warnings = append(b.Warnings, p.Error()+"; passed over")
	}
	for _, s := range c.Samples {
		b.Types = append(b.Types, typeOf(s))
		b.HasMask = append(b.HasMask, s.HasPixelTruth())
	}
	b.mask = func(ctx context.Context, i, w, h int) ([]bool, []string, error) {
		return dataset.LoadMask(ctx, c.Samples[i], w, h)
	}
	b.source = func(i int) source {
		s := c.Samples[i]
		return source{files: append([]string{s.Path}, s.Masks...)}
	}
	return b
}

// withMasks gives the images the regions of interest in dir, or in its folder of the
// batch's name.
func (b *Batch) withMasks(ctx context.Context, dir string) error {
	if dir == "" {
		return nil
	}
	if own := filepath.Join(dir, b.Name); isDir(own) {
		dir = own
	}
	items, without, err := imageset.WithMasks(ctx, b.Items, dir)
	if err != nil {
		return fmt.Errorf("%s: --roi-masks: %w", b.Name, err)
	}
	if len(items) != len(b.Items) {
		return fmt.Errorf("%s: --roi-masks: masks in %s are among the images that are tested", b.Name, dir)
	}
	b.Items = items
	if without > 0 {
		b.Warnings = append(slices.Clone(b.Warnings), fmt.Sprintf("%s: %d images have no region of interest in %s: all of them is compared", b.Name, without, dir))
	}
	return nil
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

func typeOf(s dataset.Sample) string {
	if !s.Anomalous {
		return dataset.Good
	}
	return s.Type
}

// FromSamples makes a batch of rendered samples.
func FromSamples(name string, samples []synth.Sample) *Batch {
	b := &Batch{Name: name}
	for _, s := range samples {
		b.Items = append(b.Items, imageset.Item{Name: s.Name, Pixels: s.Image})
		b.Types = append(b.Types, s.Type)
		b.HasMask = append(b.HasMask, true)
	}
	b.mask = func(_ context.Context, i, w, h int) ([]bool, []string, error) {
		return renderedMask(samples[i].Mask, w, h), nil, nil
	}
	b.source = func(i int) source {
		s := source{pixels: [][]byte{samples[i].Image.Pix}}
		if m := samples[i].Mask; m != nil {
			s.pixels = append(s.pixels, m.Pix)
		}
		return s
	}
	return b
}

// renderedMask scales a mask by nearest neighbour; nil is all good.
func renderedMask(m *image.Gray, w, h int) []bool {
	out := make([]bool, w*h)
	if m == nil {
		return out
	}
	full := make([]bool, len(m.Pix))
	for i, v := range m.Pix {
		full[i] = v > 127
	}
	return anomap.ScaleMask(full, m.Rect.Dy(), m.Rect.Dx(), h, w)
}

// of returns the part of b that holds the images named.
func (b *Batch) of(images []int) *Batch {
	part := &Batch{Name: b.Name}
	for _, i := range images {
		part.Items = append(part.Items, b.Items[i])
		part.Types = append(part.Types, b.Types[i])
		part.HasMask = append(part.HasMask, b.HasMask[i])
	}
	part.mask = func(ctx context.Context, k, w, h int) ([]bool, []string, error) {
		return b.mask(ctx, images[k], w, h)
	}
	part.source = func(k int) source { return b.source(images[k]) }
	return part
}

// scored returns the part of b that res holds, in its order: what could not
// be read is not in it.
func (b *Batch) scored(res *codegraph.Result) (*Batch, error) {
	at := make(map[string]int, len(b.Items))
	for i, it := range b.Items {
		at[it.Name] = i
	}
	var keep []int
	for _, im := range res.Images {
		i, ok := at[im.Item.Name]
		if !ok {
			return nil, fmt.Errorf("%s was scored, but is not in the batch", im.Item.Name)
		}
		keep = append(keep, i)
	}
	return b.of(keep), nil
}

// Truth returns the truth about the images of res, a result of b, for a
// report with pixel figures at side × side.
func (b *Batch) Truth(res *codegraph.Result, side int) (*report.Truth, error) {
	b, err := b.scored(res)
	if err != nil {
		return nil, err
	}
	t := &report.Truth{Side: side, Defective: make([]bool, len(b.Types))}
	for i, kind := range b.Types {
		t.Defective[i] = kind != dataset.Good
	}
	t.Mask = func(ctx context.Context, i, w, h int) ([]bool, error) {
		if !b.HasMask[i] {
			return nil, nil
		}
		mask, _, err := b.mask(ctx, i, w, h)
		return mask, err
	}
	return t, nil
}

// check says what figures a batch cannot give.
func (b *Batch) check() (notes []string) {
	good := 0
	for _, t := range b.Types {
		if t == dataset.Good {
			good++
		}
	}
	switch {
	case len(b.Items) == 0:
		return []string{fmt.Sprintf("%s: no images", b.Name)}
	case good == len(b.Items):
		return []string{fmt.Sprintf("%s: no image has a defect, so that no figure is defined", b.Name)}
	case good == 0:
		return []string{fmt.Sprintf("%s: no image is good, so that no figure per image is defined", b.Name)}
	}
	return nil
}
