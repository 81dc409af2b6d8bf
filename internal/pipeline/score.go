package pipeline

import (
	"cmp"
	"context"
	"slices"

	"codegraph/internal/anomap"
	"codegraph/internal/imagescore"
	"codegraph/internal/option"
	"codegraph/internal/rscin"
)

// ItemImage is what is known of an item that was read. Its image is neither
// ranked nor judged, and of no family: the result as a whole says that.
type ItemImage struct {
	Item  Item
	Image Image
	Copy  bool // it shares the result of item Of
	Of    int
}

// NewItemImage makes the maps and scores of an item of final and MuSc's patch
// scores, [P], of the item as rotated; pattern is what images typically score.
// Mutual scoring alone scores an image by the maximum of its map, and so does
// what is published about ranking images again.
func NewItemImage(e Embedded, final, musc []float32, pattern imagescore.Pattern, h, w int, o option.Options) ItemImage {
	im := Image{
		Item: e.Item.Item, Width: e.Width, Height: e.Height, Turn: e.Angle, Warnings: e.Warnings, Base: e.Role != RoleQuery, Family: -1,
		kind: e.kind, levels: e.levels,
		Map: unrotate(final, h, w, &e), MuScMap: unrotate(musc, h, w, &e),
	}
	im.MapMax, im.MuScScore = mapMax(im.Map, h, w, o.Size), mapMax(im.MuScMap, h, w, o.Size)
	s := pattern.Score(final)
	im.Score, im.PeakHeight = s.Peak, s.Height
	if o.Method != option.MethodCoDeGraph || o.Rerank == option.RerankRsCIN {
		im.Score = im.MapMax
	}
	return ItemImage{Item: e.Item, Image: im}
}

// unrotate returns a map of an image, as rotated, on the patches of the image as
// it is; 0 outside of its region.
func unrotate(values []float32, h, w int, e *Embedded) []float32 {
	if e.Angle == 0 {
		return values
	}
	out := anomap.New(values, h, w).Unrotate(e.Angle).Data
	if e.ROI != nil {
		for p, inside := range e.ROI.Inside(h, w) {
			if !inside {
				out[p] = 0
			}
		}
	}
	return out
}

// scoreImages makes the maps and scores of all images of a batch.
func scoreImages(ctx context.Context, b *Batch, final, musc [][]float32, pattern imagescore.Pattern, o option.Options) ([]ItemImage, error) {
	out := make([]ItemImage, len(b.Images))
	for k, e := range b.Images {
		out[k] = NewItemImage(e, final[k], musc[k], pattern, b.Tokens.H, b.Tokens.W, o)
	}
	if o.Rerank == option.RerankRsCIN {
		return rerank(ctx, b, out, o)
	}
	return out, nil
}

// rerank scores the images again by their class tokens, with either method's
// scores. References count: they are images of the comparison.
func rerank(ctx context.Context, b *Batch, images []ItemImage, o option.Options) ([]ItemImage, error) {
	class := make([][]float32, len(images))
	final, musc := make([]float64, len(images)), make([]float64, len(images))
	for k := range images {
		class[k], final[k], musc[k] = b.Images[k].class, images[k].Image.Score, images[k].Image.MuScScore
	}
	var err error
	if final, err = rscin.Rescore(ctx, final, class, o.RsCINWindows, o.Threads); err != nil {
		return nil, err
	}
	if musc, err = rscin.Rescore(ctx, musc, class, o.RsCINWindows, o.Threads); err != nil {
		return nil, err
	}
	out := slices.Clone(images)
	for k := range out {
		out[k].Image.Score, out[k].Image.MuScScore = final[k], musc[k]
	}
	return out, nil
}

// ranks numbers images by score, 1 for the highest; of equal ones the first
// comes first.
func ranks(scores []float64) []int {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	out := make([]int, len(scores))
	for rank, i := range order {
		out[i] = rank + 1
	}
	return out
}

// mapMax is the maximum of a map at the pixels that the network sees, Size ×
// Size, which MuSc takes as the score of an image.
func mapMax(scores []float32, h, w, size int) float64 {
	return float64(anomap.New(scores, h, w).Max(size, size))
}
