package main

import (
	"context"
	"fmt"
	"log"
	"sync"

	"codegraph"
	"codegraph/internal/cache"
	"codegraph/internal/eval/beds"
)

// try scans the beds and prints what was found, a line each.
func (s settings) try(ctx context.Context, p *beds.Photographs, chosen []beds.Bed) error {
	dir, err := cache.Open(s.cache, 0)
	if err != nil {
		return err
	}
	o := beds.Options(dir)
	o.Size, o.Grid = s.size, s.grid
	var mu sync.Mutex
	return p.Each(ctx, chosen, o, s.jobs, func(b *beds.Batch, res *codegraph.Result) error {
		families := ""
		for _, f := range res.Families {
			own := 0
			for _, m := range f.Members {
				if l := b.Images[m.Image].Label; l == beds.SharedDefect || l == beds.SharedFeature {
					own++
				}
			}
			families += fmt.Sprintf(" %s %d+%d", f.Status, own, len(f.Members)-own)
		}
		alone := 0
		for _, yes := range b.Alone(res.Intermediates.Table) {
			if yes {
				alone++
			}
		}
		mu.Lock()
		defer mu.Unlock()
		log.Printf("%-34s N %d, recurring %d, %d of them found alone; families:%s", b.Name, b.N, b.Copies(), alone, families)
		return nil
	})
}
