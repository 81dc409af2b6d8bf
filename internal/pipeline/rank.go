package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"codegraph/internal/rscin"
)

// finish fills in maps and scores.
func (d *detector) finish(ctx context.Context) error {
	r := d.result
	for i := range r.Images {
		im := &r.Images[i]
		im.Map, im.MuScMap = d.upright(i, d.final[i]), d.upright(i, d.musc[i])
		im.MapMax = float64(mapMax(im.Map, r.GridH, r.GridW, r.Size))
		im.Score = im.MapMax
		im.MuScScore = float64(mapMax(im.MuScMap, r.GridH, r.GridW, r.Size))
	}
	if d.opts.Rescore == RescoreRsCIN {
		return d.rescore(ctx)
	}
	return nil
}

// rescore ranks the images again by their class tokens, by either method.
// References count: they are images of the comparison.
func (d *detector) rescore(ctx context.Context) error {
	images := d.result.Images
	for _, score := range []func(*Image) *float64{
		func(im *Image) *float64 { return &im.Score },
		func(im *Image) *float64 { return &im.MuScScore },
	} {
		before := make([]float64, len(images))
		for i := range images {
			before[i] = *score(&images[i])
		}
		after, err := rscin.Rescore(ctx, before, d.class, d.opts.RsCINWindows, d.opts.Threads)
		if err != nil {
			return fmt.Errorf("codegraph: %w", err)
		}
		for i, s := range after {
			*score(&images[i]) = s
		}
	}
	return nil
}

// rank numbers the images by score.
func (r *Result) rank() {
	order := make([]int, len(r.Images))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(r.Images[b].Score, r.Images[a].Score) })
	for rank, i := range order {
		r.Images[i].Rank = rank + 1
	}
}

// mapMax is the maximum of a patch grid after bilinear interpolation
// (align_corners = true) to size × size, which MuSc takes as the image's
// score. It can be a little below the grid's own maximum.
func mapMax(grid []float32, h, w, size int) float32 {
	rows := make([]float32, size*w)
	for y := range size {
		lo, hi, f := between(y, size, h)
		for x := range w {
			rows[y*w+x] = grid[lo*w+x] + f*(grid[hi*w+x]-grid[lo*w+x])
		}
	}
	most := rows[0]
	for x := range size {
		lo, hi, f := between(x, size, w)
		for y := range size {
			row := rows[y*w : (y+1)*w]
			most = max(most, row[lo]+f*(row[hi]-row[lo]))
		}
	}
	return most
}

// between returns the grid places around pixel i of n and the weight of the
// second.
func between(i, n, grid int) (lo, hi int, f float32) {
	if n == 1 {
		return 0, 0, 0
	}
	at := float64(i) * float64(grid-1) / float64(n-1)
	lo = min(int(at), grid-1)
	return lo, min(lo+1, grid-1), float32(at - float64(lo))
}
