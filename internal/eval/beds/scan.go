package beds

import (
	"context"
	"fmt"

	"codegraph"
	"codegraph/internal/cache"
	"codegraph/internal/parallel"
)

// Input side and patch grid that beds are scanned at unless told otherwise:
// half of the time of the network's own, 448 and 28.
const (
	Size = 320
	Grid = 20
)

// Options are those that beds are scanned with. Features of photographs and
// distances of beds are kept in dir, which may be nil: the photographs that
// nothing was planted on are embedded once for all beds, and a second run
// embeds nothing. Result.Intermediates holds the distances and MuSc's scores.
func Options(dir *cache.Dir) codegraph.Options {
	return codegraph.Options{Size: Size, Grid: Grid, Threads: 1, Cache: dir, KeepIntermediates: true}
}

// Each renders and scans the beds, so many at a time, and calls use with each:
// from several goroutines, in any order. The first error ends it.
func (p *Photographs) Each(ctx context.Context, all []Bed, o codegraph.Options, jobs int, use func(b *Batch, res *codegraph.Result) error) error {
	return parallel.Do(ctx, len(all), jobs, func(i int) error {
		b, err := p.Render(ctx, all[i])
		if err != nil {
			return err
		}
		res, err := codegraph.Detect(ctx, b.Items(), o)
		if err != nil {
			return fmt.Errorf("beds: %s: %w", all[i].Name, err)
		}
		return use(b, res)
	}, nil)
}
