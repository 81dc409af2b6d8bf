package pipeline

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"codegraph/backbone"
	"codegraph/backbone/vit"
	"codegraph/imageset"
	"codegraph/internal/option"
	"codegraph/internal/rscin"
)

// transformer is a small network with class tokens.
func transformer(t *testing.T) backbone.Backbone {
	t.Helper()
	n, err := vit.Open(filepath.Join("..", "..", "backbone", "vit", "testdata", "dinov2"), vit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// spotted are n images that differ, two of them by much.
func spotted(n int) (set imageset.Set) {
	for k := range n {
		m := image.NewNRGBA(image.Rect(0, 0, 64, 64))
		for y := range 64 {
			for x := range 64 {
				v := uint8(128 + 60*math.Sin(float64(x*(k%4+3)+y*(k+2))/40))
				m.SetNRGBA(x, y, color.NRGBA{v, uint8(x * 3), uint8(y*2 + k*5), 255})
				if k < 2 && (x-30)*(x-30)+(y-20)*(y-20) < 60 {
					m.SetNRGBA(x, y, color.NRGBA{uint8(250 * k), 10, 240, 255})
				}
			}
		}
		set = append(set, imageset.Item{Name: fmt.Sprintf("%02d.png", k), Pixels: m})
	}
	return set
}

func TestRescore(t *testing.T) {
	ctx, images, network := context.Background(), spotted(10), transformer(t)
	info := network.Info()
	size := 8 * info.Multiple
	opts := option.Options{Backbone: network, Size: size, Method: option.MethodMuSc, Threads: 2}
	plain, err := detect(ctx, images, opts)
	if err != nil {
		t.Fatal(err)
	}
	var scores []float64
	var class [][]float32
	for i, im := range plain.Images {
		p, err := imageset.Load(ctx, images[i], imageset.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		f, err := network.Forward(ctx, p.Tensor(size, size, filterOf(info), info.Mean, info.Std), size, size)
		if err != nil {
			t.Fatal(err)
		}
		scores, class = append(scores, im.Score), append(class, f.Class)
		if im.Score != im.MapMax {
			t.Errorf("image %d scores %v, its map %v", i, im.Score, im.MapMax)
		}
	}
	want, err := rscin.Rescore(ctx, scores, class, []int{1, 4}, 1)
	if err != nil {
		t.Fatal(err)
	}
	opts.Rerank, opts.RsCINWindows = option.RerankRsCIN, []int{1, 4}
	again, err := detect(ctx, images, opts)
	if err != nil {
		t.Fatal(err)
	}
	for i, im := range again.Images {
		if im.Score != want[i] || im.MuScScore != want[i] || im.MapMax != scores[i] || !slices.Equal(im.Map, plain.Images[i].Map) {
			t.Errorf("image %d: scores %v and %v, want %v; map's %v, want %v", i, im.Score, im.MuScScore, want[i], im.MapMax, scores[i])
		}
	}
	best := slices.MaxFunc(again.Images, func(a, b Image) int { return b.Rank - a.Rank })
	if best.Rank != 1 || best.Score != slices.Max(want) {
		t.Errorf("rank %d scores %v of at most %v", best.Rank, best.Score, slices.Max(want))
	}
}

func TestRescoreErrors(t *testing.T) {
	network := transformer(t)
	for name, o := range map[string]option.Options{
		"unknown":            {Backbone: network, Rerank: "other"},
		"no class token":     {Rerank: option.RerankRsCIN},
		"tiles":              {Backbone: network, Rerank: option.RerankRsCIN, Tile: 32},
		"base":               {Backbone: network, Rerank: option.RerankRsCIN, Base: 3},
		"a window of no one": {Backbone: network, Rerank: option.RerankRsCIN, RsCINWindows: []int{0}},
	} {
		if _, err := detect(context.Background(), spotted(4), o); !errors.Is(err, option.Err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
