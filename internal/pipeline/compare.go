package pipeline

import (
	"context"

	"codegraph/internal/cache"
	"codegraph/internal/mutual"
	"codegraph/internal/option"
)

// Distances are what the patches of a batch are from its images. Nothing
// changes them once they are measured.
type Distances struct {
	Table *mutual.Table // d(x, I_j), [N][P][N]; rows of patches that are not valid are 0
	MuSc  [][]float32   // MuSc's scores, [N][P]; 0 for those
	K     int           // of how many nearest images a score is the mean
}

// compare measures the distances of a batch, or finds them in the cache.
func compare(ctx context.Context, b *Batch, pool *mutual.Pool, c *Cache, block int, o option.Options) (*Distances, error) {
	search := searchOptions(b, pool, block, o)
	search.Progress = func(done, total int) { o.Progress.Report(option.PhaseCompare, done, total) }
	key := cache.Batch{Grid: o.Grid, Radii: o.Radii, MatchRadius: o.MatchRadius, Groups: search.Groups, Fast: search.Fast}
	for _, im := range b.Images {
		key.Images = append(key.Images, im.key)
	}
	table, musc, err := c.distances(ctx, key, search.Neighbours, pool.Table, func() (*mutual.Table, [][]float32, error) {
		return mutual.Compare(ctx, b.Tokens, search)
	})
	if err != nil {
		return nil, err
	}
	d := &Distances{Table: table, MuSc: musc, K: search.Neighbours}
	maskInvalid(&d.Table.Rows, d.MuSc, b.valid())
	return d, nil
}

// searchOptions say how the images of a batch are compared.
func searchOptions(b *Batch, pool *mutual.Pool, block int, o option.Options) mutual.Options {
	apart := groups(b)
	return mutual.Options{
		Neighbours: neighbours(len(b.Images), apart, o.Constants.Neighbours),
		Window:     Window(b.Tokens.H, b.Tokens.W, o),
		Valid:      b.matched(),
		Groups:     apart,
		Block:      block,
		Fast:       o.Precision == option.PrecisionFast,
		Threads:    o.Threads,
		NewTable:   pool.Table,
	}
}

// Window limits matches on a grid of h × w patches as Options.MatchRadius says.
func Window(h, w int, o option.Options) mutual.Window {
	return mutual.Window{H: h, W: w, Radius: o.MatchRadius}
}

// neighbours is K: a share of the images that one of n is compared with, which
// are fewer where groups are not compared with themselves.
func neighbours(n int, groups []int, share float64) int {
	times, largest := make(map[int]int), 1
	for _, g := range groups {
		times[g]++
		largest = max(largest, times[g])
	}
	return mutual.Neighbours(n-(largest-1), share)
}
