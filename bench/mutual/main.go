// Command mutual times the mutual scoring of random unit tokens, table and
// scores included, and prints seconds per pair of images and variant. With
// -whole it makes the variants of four layers with LNAMD, and selects links.
//
// It is the half of mutual.sh that is ours. To see where the time goes:
//
//	go run ./bench/mutual -fast -whole -n 40 -threads 1 -cpuprofile cpu.prof
//	go tool pprof -top cpu.prof
package main

import (
	"context"
	"encoding/json"
	"flag"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/pprof"
	"time"

	"codegraph/backbone"
	"codegraph/internal/burnout"
	"codegraph/internal/cpu"
	"codegraph/internal/mutual"
	"codegraph/internal/perf"
	"codegraph/internal/token"
)

func main() {
	n := flag.Int("n", 8, "`number` of images")
	p := flag.Int("p", 1369, "`patches` per image")
	c := flag.Int("c", 1024, "`channels`")
	variants := flag.Int("variants", 1, "`number` of variants")
	threads := flag.Int("threads", runtime.NumCPU(), "`number` of threads")
	fast := flag.Bool("fast", false, "search among integers")
	whole := flag.Bool("whole", false, "four layers in three neighbourhoods each, and links; p is a square")
	profile := flag.String("cpuprofile", "", "write a profile of the comparison to this `file`")
	flag.Parse()
	runtime.GOMAXPROCS(*threads)
	var b mutual.Source = newBatch(*n, *p, *c, *variants)
	if *whole {
		b = newStore(*n, *p, *c)
	}
	stop, err := startProfile(*profile)
	if err != nil {
		log.Fatal(err)
	}
	wall, busy := time.Now(), perf.ProcessTime()
	t, _, err := mutual.Compare(context.Background(), b, mutual.Options{
		Neighbours: mutual.Neighbours(*n, 0.3), Fast: *fast, Threads: *threads,
	})
	if err != nil {
		log.Fatal(err)
	}
	if *whole {
		ranked, err := mutual.Rank(context.Background(), t, false, "", *threads)
		if err != nil {
			log.Fatal(err)
		}
		if _, err := burnout.Select(context.Background(), ranked, burnout.Params{Omega: 0.3, Beta: 1, Coverage: 0.95, Threads: *threads}); err != nil {
			log.Fatal(err)
		}
	}
	stop()
	name := "codegraph " + cpu.Name()
	if *fast {
		name += " fast"
	}
	pairs := float64(b.Variants() * *n * (*n - 1) / 2)
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"name": name, "wall": time.Since(wall).Seconds() / pairs,
		"cpu": (perf.ProcessTime() - busy).Seconds() / pairs,
	})
}

// newStore makes the tokens of four layers of random features.
func newStore(n, p, c int) *token.Store {
	side := int(math.Sqrt(float64(p)))
	s := token.NewStore(n, 4, side, side, []int{1, 3, 5})
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		var f backbone.Features
		for range 4 {
			m := backbone.Map{H: side, W: side, C: c, Data: make([]float32, p*c)}
			for l := range m.Data {
				m.Data[l] = float32(rng.NormFloat64())
			}
			f.Layers = append(f.Layers, m)
		}
		if err := s.Add(i, &f); err != nil {
			log.Fatal(err)
		}
	}
	return s
}

// startProfile profiles until stop is called; without a file it does nothing.
func startProfile(file string) (stop func(), err error) {
	if file == "" {
		return func() {}, nil
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); f.Close() }, pprof.StartCPUProfile(f)
}

// batch holds one set of tokens, which every variant has.
type batch struct {
	p, c, variants int
	tokens         [][]float32
}

func newBatch(n, p, c, variants int) *batch {
	b := &batch{p: p, c: c, variants: variants}
	rng := rand.New(rand.NewPCG(1, 1))
	for range n {
		t := make([]float32, p*c)
		for q := range p {
			row, sum := t[q*c:(q+1)*c], 0.0
			for l := range row {
				v := rng.NormFloat64()
				row[l] = float32(v)
				sum += v * v
			}
			for l := range row {
				row[l] /= float32(math.Sqrt(sum))
			}
		}
		b.tokens = append(b.tokens, t)
	}
	return b
}

func (b *batch) N() int                         { return len(b.tokens) }
func (b *batch) P() int                         { return b.p }
func (b *batch) Variants() int                  { return b.variants }
func (b *batch) Width(int) int                  { return b.c }
func (b *batch) Tokens(dst []float32, _, i int) { copy(dst, b.tokens[i]) }
