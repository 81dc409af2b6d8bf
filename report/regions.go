package report

import (
	"context"
	"fmt"
	"image"
	"math"
	"path"
	"slices"

	"codegraph"
	"codegraph/internal/anomap"
	"codegraph/internal/outdir"
	"codegraph/internal/region"
	"codegraph/internal/stats"
)

// Region is a connected defect region of an image.
type Region struct {
	Box  Box     `json:"box"`
	Area int     `json:"area"` // pixels
	Peak float64 `json:"peak"`
	Mean float64 `json:"mean"`
	// PValue is the probability that a normal image has a score as high as
	// Peak anywhere; null if the batch does not show what normal images score.
	PValue *float64 `json:"p_value"`
	Family *string  `json:"family"` // whose defect it is
}

// regionFinder finds the regions of a batch.
type regionFinder struct {
	res    *codegraph.Result
	params region.Params
	// marked are the anomalous patches of members of defect families, by image.
	marked map[int][]int
}

func newRegionFinder(res *codegraph.Result, minArea int) *regionFinder {
	r := &regionFinder{res: res, marked: make(map[int][]int)}
	r.params = region.Params{Seed: math.Inf(1), Level: medianScore(res), Share: region.DefaultShare, MinArea: minArea}
	if n := res.MapNull; n != nil {
		r.params.Seed = n.Critical(res.Options.FDR)
	}
	for _, f := range res.Families {
		if f.Status != codegraph.StatusDefect {
			continue
		}
		for _, m := range f.Members {
			r.marked[m.Image] = append(r.marked[m.Image], around(m.Representative, m.Patches, res.GridW)...)
		}
	}
	return r
}

// medianScore is that of the patches of a batch: the level of normal
// surroundings.
func medianScore(res *codegraph.Result) float64 {
	var all []float32
	for i := range res.Images {
		all = append(all, res.Images[i].Map...)
	}
	if len(all) == 0 {
		return 0
	}
	k := len(all) / 2 // the upper one of two middle scores
	stats.SelectLowest(all, k+1)
	return float64(slices.Max(all[:k+1]))
}

// find returns the regions of image i and the labels of its pixels, as
// region.Find does; nil for none.
func (r *regionFinder) find(i int) ([]Region, []int32, error) {
	im := &r.res.Images[i]
	marked := r.marked[i]
	if len(marked) == 0 && float64(slices.Max(im.Map)) < r.params.Seed {
		return nil, nil, nil
	}
	p := r.params
	p.Known = r.known(im, marked)
	scores := anomap.New(im.Map, r.res.GridH, r.res.GridW).Upsample(im.Height, im.Width)
	found, labels, err := region.Find(scores, im.Width, im.Height, p)
	if err != nil || len(found) == 0 {
		return nil, nil, err
	}
	out := make([]Region, len(found))
	for k, f := range found {
		out[k] = r.describe(im, f)
	}
	return out, labels, nil
}

// known marks the pixels of patches.
func (r *regionFinder) known(im *codegraph.Image, patches []int) []bool {
	if len(patches) == 0 {
		return nil
	}
	known := make([]bool, im.Width*im.Height)
	for _, p := range patches {
		b := PatchBox(p, r.res.GridH, r.res.GridW, im.Width, im.Height)
		for y := b.Y; y < b.Y+b.Height; y++ {
			for x := b.X; x < b.X+b.Width; x++ {
				known[y*im.Width+x] = true
			}
		}
	}
	return known
}

func (r *regionFinder) describe(im *codegraph.Image, f region.Region) Region {
	b := f.Box
	out := Region{Box: Box{b.Min.X, b.Min.Y, b.Dx(), b.Dy()}, Area: f.Area, Peak: f.Peak, Mean: f.Mean}
	if n := r.res.MapNull; n != nil {
		p := n.P(f.Peak)
		out.PValue = &p
	}
	if f.Known && im.Family >= 0 {
		out.Family = &r.res.Families[im.Family].ID
	}
	return out
}

// maskOf has the pixels of regions white.
func maskOf(labels []int32, w int) *image.Gray {
	mask := image.NewGray(image.Rect(0, 0, w, len(labels)/w))
	for i, l := range labels {
		if l > 0 {
			mask.Pix[i] = 255
		}
	}
	return mask
}

// regions finds and writes those of image i.
func (w *writer) regions(ctx context.Context, i int) error {
	found, labels, err := w.finder.find(i)
	if err != nil {
		return fmt.Errorf("image %s: %w", w.res.Images[i].Item.Name, err)
	}
	entry := &w.doc.Images[i]
	entry.Regions = list(found)
	if len(found) == 0 {
		return nil
	}
	name := path.Join(outdir.Masks, w.stems[i]+".png")
	entry.Mask = &name
	width := w.res.Images[i].Width
	w.outlines[i] = region.Outlines(labels, width, len(found))
	return w.png(ctx, name, func() image.Image { return maskOf(labels, width) })
}
