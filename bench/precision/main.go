// Command precision compares the distances that --precision fast finds with
// those of exact, on the tokens of images: what the errors are, and how long
// each takes. It makes the table of docs/performance.md.
//
//	go run ./bench/precision [-n 16] [-backbone FILE.safetensors] FOLDER…
//
// For each folder and variant of the network it prints the columns C, the
// relative errors of d_v at the 99th, 99.9th and 100th percentile over all
// patches and pairs of images, the share of distances that are the same to the
// last bit, and the processor time of both.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"runtime"
	"slices"
	"text/tabwriter"

	"codegraph/backbone"
	"codegraph/backbone/effnet"
	"codegraph/backbone/vit"
	"codegraph/imageset"
	"codegraph/internal/mutual"
	"codegraph/internal/perf"
	"codegraph/internal/token"
)

func main() {
	log.SetFlags(0)
	n := flag.Int("n", 16, "`number` of images of each folder, spread over it")
	model := flag.String("backbone", "", "checkpoint, or an embedded `network`, lite0-245, lite2 or lite0; the default is the program's")
	flag.Parse()
	network, err := open(*model)
	if err != nil {
		log.Fatal(err)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "folder\tlayer\tr\tC\t99 %\t99.9 %\tmost\tsame\texact s\tfast s\t")
	for _, dir := range flag.Args() {
		store, err := embed(context.Background(), network, dir, *n)
		if err != nil {
			log.Fatal(err)
		}
		for v := range store.Variants() {
			if err := compare(w, dir, network.Info().Layers[v/len(store.Radii)], store, v); err != nil {
				log.Fatal(err)
			}
		}
		w.Flush()
	}
}

func open(model string) (backbone.Backbone, error) {
	if model == "" || effnet.Has(model) {
		return effnet.Named(model)
	}
	return vit.Open(model, vit.Options{})
}

// embed makes the tokens of n images of dir.
func embed(ctx context.Context, network backbone.Backbone, dir string, n int) (*token.Store, error) {
	images, _, err := imageset.Walk(ctx, []string{dir})
	if err != nil {
		return nil, err
	}
	n = min(n, len(images))
	info := network.Info()
	var store *token.Store
	for i := range n {
		p, err := imageset.Load(ctx, images[i*len(images)/n], imageset.Limits{})
		if err != nil {
			return nil, err
		}
		f, err := network.Forward(ctx, p.Tensor(info.Size, info.Size, imageset.Bicubic, info.Mean, info.Std), info.Size, info.Size)
		if err != nil {
			return nil, err
		}
		if store == nil {
			h, w := info.Grid, info.Grid
			if info.Grid == 0 {
				h, w = f.Layers[0].H, f.Layers[0].W
			}
			store = token.NewStore(n, len(f.Layers), h, w, info.Radii)
		}
		if err := store.Add(i, f); err != nil {
			return nil, err
		}
	}
	return store, nil
}

// variant is one variant of a store.
type variant struct {
	*token.Store
	v int
}

func (s variant) Variants() int                  { return 1 }
func (s variant) Width(int) int                  { return s.Store.Width(s.v) }
func (s variant) Tokens(dst []float32, _, i int) { s.Store.Tokens(dst, s.v, i) }

func compare(w *tabwriter.Writer, dir, layer string, store *token.Store, v int) error {
	s := variant{store, v}
	var tables [2]*mutual.Table
	var seconds [2]float64
	for k, fast := range []bool{false, true} {
		start := perf.ProcessTime()
		var err error
		tables[k], _, err = mutual.Compare(context.Background(), s, mutual.Options{Neighbours: 1, Fast: fast, Threads: runtime.GOMAXPROCS(0)})
		if err != nil {
			return err
		}
		seconds[k] = (perf.ProcessTime() - start).Seconds()
	}
	var errors []float64
	same := 0
	for i := range store.N() {
		for x := range store.P() {
			exact, fast := tables[0].Row(i, x), tables[1].Row(i, x)
			for j := range exact {
				switch {
				case j == i:
				case fast[j] == exact[j]:
					errors = append(errors, 0)
					same++
				default:
					errors = append(errors, max(float64(fast[j]/exact[j])-1, 1-float64(fast[j]/exact[j])))
				}
			}
		}
	}
	slices.Sort(errors)
	quantile := func(q float64) float64 { return errors[min(len(errors)-1, int(q*float64(len(errors))))] }
	_, err := fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%.1g\t%.1g\t%.1g\t%.2f %%\t%.2f\t%.2f\t\n", dir, layer, store.Radii[v%len(store.Radii)], s.Width(0),
		quantile(0.99), quantile(0.999), quantile(1), 100*float64(same)/float64(len(errors)), seconds[0], seconds[1])
	return err
}
