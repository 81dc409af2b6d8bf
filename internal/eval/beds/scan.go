package beds

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"codegraph"
	"codegraph/internal/cache"
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
	g, within := errgroup.WithContext(ctx)
	g.SetLimit(max(jobs, 1))
	for _, bed := range all {
		if within.Err() != nil {
			break
		}
		g.Go(func() error {
			b, err := p.Render(within, bed)
			if err != nil {
				return err
			}
			res, err := codegraph.Detect(within, b.Items(), o)
			if err != nil {
				return fmt.Errorf("beds: %s: %w", bed.Name, err)
			}
			return use(b, res)
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}
