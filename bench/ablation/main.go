// Command ablation scans batches with known truth, in the MVTec AD layout,
// and prints the figures that docs/ablation.md records.
//
//	go run ./bench/ablation [-set name=value,…] CATEGORY_DIR… > table
//	go run ./bench/ablation -summary < table
//
// For each folder: image AUROC, pixel AUROC and pixel AP of MuSc and of
// CoDeGraph, and each family with the types of its members. Pixel figures are
// taken at the patch grid's own upsampling to 256 × 256, masks by nearest
// neighbour.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"codegraph"
	"codegraph/burnout"
	"codegraph/cache"
	"codegraph/family"
	"codegraph/imageset"
	"codegraph/metric"
	"codegraph/report"
)

// side is the resolution of the pixel figures.
const side = 256

func main() {
	log.SetFlags(0)
	set := flag.String("set", "", "constants to change, name=value,…")
	recurring := flag.String("recurring", "recurring", "the defect type that recurs")
	try := flag.String("try", "", "further sets of constants, separated by semicolons: families only")
	align := flag.String("align", "auto", "turn the parts alike first: auto, on or off")
	cacheDir := flag.String("cache", "", "cache folder")
	summary := flag.Bool("summary", false, "read the table from standard input and print a line per kind of batch")
	planted := flag.Int("planted", 12, "number of images with the recurring defect, for -summary")
	flag.Parse()
	if *summary {
		if err := summarise(os.Stdout, os.Stdin, *recurring, *planted); err != nil {
			log.Fatal(err)
		}
		return
	}
	kept, err := cache.Open(*cacheDir, -1)
	if err != nil {
		log.Fatal(err)
	}
	constants, err := parse(*set)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("set\timages\tI-AUROC\t\tP-AUROC\t\tP-AP\t\tP-AP recurring\t\tfamilies")
	for _, dir := range flag.Args() {
		if err := evaluate(dir, codegraph.Options{Constants: constants, Align: codegraph.Align(*align), Cache: kept, Strict: true, KeepIntermediates: true}, *recurring, strings.FieldsFunc(*try, func(r rune) bool { return r == ';' })); err != nil {
			log.Fatalf("%s: %v", dir, err)
		}
	}
}

// parse reads name=value,… into the default constants.
func parse(set string) (codegraph.Constants, error) {
	constants := codegraph.DefaultConstants()
	for _, kv := range strings.FieldsFunc(set, func(r rune) bool { return r == ',' }) {
		name, value, _ := strings.Cut(kv, "=")
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return constants, err
		}
		known := false
		for _, p := range constants.Params() {
			if p.Name == name {
				*p.Value, known = v, true
			}
		}
		if !known {
			return constants, fmt.Errorf("there is no constant %q", name)
		}
	}
	return constants, nil
}

func evaluate(dir string, opts codegraph.Options, recurring string, try []string) error {
	ctx := context.Background()
	items, _, err := imageset.Walk(ctx, []string{filepath.Join(dir, "test")})
	if err != nil {
		return err
	}
	res, err := codegraph.Detect(ctx, items, opts)
	if err != nil {
		return err
	}
	masks := make([][]bool, len(res.Images))
	for i, im := range res.Images {
		if masks[i], err = mask(ctx, dir, im.Item); err != nil {
			return err
		}
	}
	fmt.Printf("%s\t%d", filepath.Base(dir), len(res.Images))
	if a := res.Alignment; a != nil {
		fmt.Printf(" (agreement %.3f → %.3f)", a.Before, a.After)
	}
	only := func(i int) bool { return kind(res.Images[i].Item) == recurring || kind(res.Images[i].Item) == "good" }
	all := func(int) bool { return true }
	show(image(res, false), image(res, true))
	show(pixel(res, masks, false, all, metric.AUROC[float32]), pixel(res, masks, true, all, metric.AUROC[float32]))
	show(pixel(res, masks, false, all, metric.AP[float32]), pixel(res, masks, true, all, metric.AP[float32]))
	show(pixel(res, masks, false, only, metric.AP[float32]), pixel(res, masks, true, only, metric.AP[float32]))
	for _, f := range res.Families {
		fmt.Printf("\t%s", describe(res, f))
	}
	fmt.Println()
	for _, set := range try {
		if err := again(ctx, res, set); err != nil {
			return err
		}
	}
	return nil
}

// again looks for families with other constants on the same distances.
func again(ctx context.Context, res *codegraph.Result, set string) error {
	c, err := parse(set)
	if err != nil {
		return err
	}
	m := res.Intermediates
	links, err := burnout.Select(ctx, m.Table, burnout.Params{Omega: c.Omega, Beta: c.Beta, Coverage: c.Coverage, Threads: 2})
	if err != nil {
		return err
	}
	found, err := family.Find(ctx, m.Table, m.Before, links, c.FamilyParams(0, 2))
	if err != nil {
		return err
	}
	fmt.Printf("\t%s\t%d links", set, len(links))
	for _, f := range found.Families {
		fmt.Printf("\t[local %v density %.1f gain %.2f area %.3f coherence %.2f: %s]", f.Local, f.Density, f.Gain, f.Area, f.Coherence, types(res, f.Members))
	}
	fmt.Println()
	return nil
}

func show(musc, codegraph float64) { fmt.Printf("\t%.2f\t%.2f", 100*musc, 100*codegraph) }

// kind is the defect type: the folder an image lies in.
func kind(it imageset.Item) string { return strings.Split(it.Name, "/")[0] }

func describe(res *codegraph.Result, f codegraph.Family) string {
	members := make([]family.Member, len(f.Members))
	for k, m := range f.Members {
		members[k] = family.Member{Image: m.Image}
	}
	return fmt.Sprintf("[%s density %.1f gain %.2f area %.3f: %s]", f.Status, f.Density, f.Gain, f.Area, types(res, members))
}

// types counts members by defect type.
func types(res *codegraph.Result, members []family.Member) string {
	counts := map[string]int{}
	for _, m := range members {
		counts[kind(res.Images[m.Image].Item)]++
	}
	var parts []string
	for t, n := range counts {
		parts = append(parts, fmt.Sprintf("%d %s", n, t))
	}
	sort.Strings(parts)
	return strings.Join(parts, ", ")
}

// mask returns the truth at side × side.
func mask(ctx context.Context, dir string, it imageset.Item) ([]bool, error) {
	m := make([]bool, side*side)
	name := strings.TrimSuffix(it.Name, ".png") + "_mask.png"
	p, err := imageset.Load(ctx, imageset.Item{Path: filepath.Join(dir, "ground_truth", name)}, imageset.Limits{})
	if os.IsNotExist(err) && kind(it) == "good" {
		return m, nil
	}
	if err != nil {
		return nil, err
	}
	for y := range side {
		for x := range side {
			m[y*side+x] = p.Image.NRGBAAt((2*x+1)*p.Width/(2*side), (2*y+1)*p.Height/(2*side)).R > 127
		}
	}
	return m, nil
}

func image(res *codegraph.Result, filtered bool) float64 {
	var scores []float64
	var labels []bool
	for _, im := range res.Images {
		s := im.MuScScore
		if filtered {
			s = im.Score
		}
		scores, labels = append(scores, s), append(labels, kind(im.Item) != "good")
	}
	a, err := metric.AUROC(scores, labels)
	if err != nil {
		return 0
	}
	return a
}

func pixel(res *codegraph.Result, masks [][]bool, filtered bool, use func(i int) bool, figure func([]float32, []bool) (float64, error)) float64 {
	var scores []float32
	var labels []bool
	for i, im := range res.Images {
		if !use(i) {
			continue
		}
		grid := im.MuScMap
		if filtered {
			grid = im.Map
		}
		scores = append(scores, report.Upsample(grid, res.GridH, res.GridW, side, side)...)
		labels = append(labels, masks[i]...)
	}
	v, err := figure(scores, labels)
	if err != nil {
		return 0
	}
	return v
}
