package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"codegraph"
	"codegraph/backbone"
	"codegraph/imageset"
	"codegraph/internal/perf"
)

// runChild measures one setting and prints the outcome.
func runChild(spec string) error {
	var s setting
	if err := json.Unmarshal([]byte(spec), &s); err != nil {
		return err
	}
	runtime.GOMAXPROCS(s.Threads)
	var set imageset.Set
	for i := range s.N {
		img := image.NewNRGBA(image.Rect(0, 0, side, side))
		for k := range side * side {
			img.SetNRGBA(k%side, k/side, color.NRGBA{uint8(i), uint8(i >> 8), 0, 255})
		}
		set = append(set, imageset.Item{Name: fmt.Sprintf("%05d", i), Pixels: img})
	}
	watch := startWatch()
	wall := time.Now()
	res, err := codegraph.Detect(context.Background(), set, codegraph.Options{
		Backbone: &network{s.Side, s.Channels}, Align: codegraph.AlignOff, Base: s.Base, MaxMemory: s.Memory, SpillDir: s.Dir, Threads: s.Threads, Evidence: s.Evidence,
		Planned: func(heap int64) { debug.SetMemoryLimit(heap) },
	})
	if err != nil {
		return err
	}
	o := outcome{Wall: time.Since(wall).Seconds(), Seconds: perf.ProcessTime().Seconds()}
	o.Private, o.Resident = watch.stop()
	o.Planned = res.Plan.Heap()
	o.Block = res.Plan.Block
	o.Phases = make(map[string]float64)
	for _, p := range res.Timing {
		o.Phases[string(p.Phase)] = p.Duration.Seconds()
	}
	h := sha256.New()
	for _, im := range res.Images {
		binary.Write(h, binary.LittleEndian, im.Map)
	}
	o.Scores = fmt.Sprintf("%x", h.Sum(nil)[:6])
	return json.NewEncoder(os.Stdout).Encode(o)
}

// side is that of the images, in pixels: their colour says which it is.
const side = 8

// network makes tokens from the colour of an image: what all images show at a
// place, and noise of its own. It stands for a layer of any network.
type network struct{ side, channels int }

func (n *network) Info() backbone.Info {
	return backbone.Info{
		Name: "synthetic", Multiple: side, Size: side, Radii: []int{1}, Layers: []string{"tokens"},
		Std: [3]float32{1. / 255, 1. / 255, 1. / 255},
	}
}

func (n *network) Forward(_ context.Context, x []float32, h, w int) (*backbone.Features, error) {
	number := uint64(math.Round(float64(x[0]))) + uint64(math.Round(float64(x[h*w])))<<8
	common, own := rand.New(rand.NewPCG(1, 0)), rand.New(rand.NewPCG(number, 1))
	m := backbone.Map{H: n.side, W: n.side, C: n.channels, Data: make([]float32, n.side*n.side*n.channels)}
	for k := range m.Data {
		m.Data[k] = float32(common.NormFloat64() + own.NormFloat64()/2)
	}
	return &backbone.Features{Layers: []backbone.Map{m}}, nil
}
