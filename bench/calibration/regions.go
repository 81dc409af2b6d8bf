package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"codegraph/internal/anomap"
	"codegraph/internal/eval/benchmark"
	"codegraph/internal/eval/dataset"
	"codegraph/internal/region"
	"codegraph/internal/verdict"
)

// side is that of the maps and masks that regions are compared at.
const side = 256

// measureRegions prints how well the regions of scored categories agree with
// the masks, for several shares of the height.
func measureRegions(ctx context.Context, root string, files []string) error {
	d, err := dataset.Open(root, dataset.Auto)
	if err != nil {
		return err
	}
	fmt.Println("| set | extent | pixel F1 | IoU of defective images | regions per defective image | good images with one |")
	fmt.Println("| --- | --- | --- | --- | --- | --- |")
	return readBatches(files, func(b *benchmark.ScoredBatch) error { return measureCategory(ctx, d, b) })
}

func measureCategory(ctx context.Context, d *dataset.Dataset, b *benchmark.ScoredBatch) error {
	name, _, _ := strings.Cut(b.Name, ", ")
	c, err := d.Category(ctx, name)
	if err != nil {
		return err
	}
	samples := make(map[string]dataset.Sample)
	for k, it := range c.Items() {
		samples[it.Name] = c.Samples[k]
	}
	maps, masks := make([][]float32, len(b.Images)), make([][]bool, len(b.Images))
	var patches []float32
	for i, im := range b.Images {
		maps[i] = anomap.New(im.Map, b.GridH, b.GridW).Upsample(side, side)
		patches = append(patches, im.Map...)
		sample, ok := samples[im.Name]
		if !ok {
			return fmt.Errorf("%s: %s was scored and is not there", b.Name, im.Name)
		}
		if masks[i], _, err = dataset.LoadMask(ctx, sample, side, side); err != nil {
			return err
		}
	}
	j, err := verdict.Judge(evidence(b, func(im benchmark.ScoredImage) verdict.Image {
		return verdict.Image{Score: float64(slices.Max(im.Map))}
	}), verdict.DefaultParams())
	if err != nil {
		return err
	}
	if j.Null == nil {
		return fmt.Errorf("%s: %s", b.Name, j.Note)
	}
	slices.Sort(patches)
	p := region.Params{Seed: j.Null.Critical(verdict.DefaultFDR), Level: float64(patches[len(patches)/2])}
	for _, p.Share = range []float64{0.3, 0.4, 0.5, 0.6, 0.7} {
		if err := compare(fmt.Sprintf("%s | %g of the peak's height", b.Name, p.Share), maps, masks, p); err != nil {
			return err
		}
	}
	flat := p
	for _, q := range []float64{0.05, 0.5} {
		flat.Level, flat.Share = j.Null.Critical(q), 0
		if err := compare(fmt.Sprintf("%s | above p = %g", b.Name, q), maps, masks, flat); err != nil {
			return err
		}
	}
	return nil
}

// compare prints a line of the table.
func compare(what string, maps [][]float32, masks [][]bool, p region.Params) error {
	var tp, fp, fn, iou, defective, found, good, wrong float64
	for i := range maps {
		regions, labels, err := region.Find(maps[i], side, side, p)
		if err != nil {
			return err
		}
		var both, either float64
		for k, truth := range masks[i] {
			switch in := labels[k] > 0; {
			case in && truth:
				both++
				either++
			case in:
				fp++
				either++
			case truth:
				fn++
				either++
			}
		}
		tp += both
		if slices.Contains(masks[i], true) {
			defective++
			iou += both / math.Max(1, either)
			found += float64(len(regions))
			continue
		}
		good++
		if len(regions) > 0 {
			wrong++
		}
	}
	fmt.Printf("| %s | %.1f %% | %.1f %% | %.2f | %.0f of %.0f |\n", strings.TrimSpace(what),
		200*tp/(2*tp+fp+fn), 100*iou/defective, found/defective, wrong, good)
	return nil
}
