package perf

import (
	"context"
	"math/rand/v2"
	"runtime"
	"time"

	"codegraph/internal/cpu"
	"codegraph/internal/knn"
)

// Shape is what a backbone makes of an image.
type Shape struct {
	Name     string `json:"name"`
	Patches  int    `json:"patches"`
	Channels []int  `json:"channels"` // of each variant
}

// shapes lists those of standard backbones: the stages of the embedded network, or four
// layers times three neighbourhoods.
func shapes() []Shape {
	return []Shape{
		{"embedded", 784, []int{24, 80, 112}},
		{"ViT-B/14 at 518", 1369, repeat(768, 12)},
		{"ViT-L/14 at 518", 1369, repeat(1024, 12)},
	}
}

func repeat(c, n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = c
	}
	return all
}

// Batches are the numbers of images that speeds are worked out for.
var Batches = []int{50, 100, 200}

// Report is what was measured.
type Report struct {
	OS      string   `json:"os"`
	Arch    string   `json:"arch"`
	Cores   int      `json:"cores"`
	Kernels []Kernel `json:"kernels"` // fastest first
}

// Kernel is one implementation, on one core, at the largest shape. A search
// among integers counts operations on integers.
type Kernel struct {
	Name     string  `json:"name"`
	GFLOPS   float64 `json:"gflops"`
	Peak     float64 `json:"peak_gflops"` // multiply-adds in registers alone
	Fraction float64 `json:"fraction"`    // GFLOPS / Peak
	Speeds   []Speed `json:"shapes"`
}

// target is what can be measured: a kernel, searching in single precision or
// among integers.
type target struct {
	kernel string
	fast   bool
}

func (t target) String() string {
	if t.fast {
		return t.kernel + " fast"
	}
	return t.kernel
}

// targets lists those of this machine, fastest first. Integers without
// instructions for them are the slowest search there is, and left out.
func targets() (all []target) {
	for _, name := range cpu.Available() {
		if restore, err := knn.Use(name); err == nil {
			if knn.QuantisedSearchPays() {
				all = append(all, target{name, true})
			}
			restore()
		}
		if name != "amx" { // in single precision it is avx512
			all = append(all, target{name, false})
		}
	}
	return all
}

// Speed is a kernel's at one shape.
type Speed struct {
	Shape
	MSPerPair       float64 `json:"ms_per_pair"` // of images, in one variant, on one core
	ImagesPerMinute []Rate  `json:"images_per_minute"`
}

// Rate is the speed of comparing a batch on all cores.
type Rate struct {
	Images int     `json:"images"`
	Rate   float64 `json:"rate"`
}

// Measure measures every kernel of this machine. Nothing else in the process
// may search meanwhile. It takes some seconds.
func Measure(ctx context.Context) (*Report, error) { return measure(ctx, shapes()) }

func measure(ctx context.Context, shapes []Shape) (*Report, error) {
	runtime.LockOSThread() // the clock is the thread's
	defer runtime.UnlockOSThread()
	r := &Report{OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.GOMAXPROCS(0)}
	for _, t := range targets() {
		k, err := measureKernel(ctx, t, shapes, r.Cores)
		if err != nil {
			return nil, err
		}
		r.Kernels = append(r.Kernels, k)
	}
	return r, nil
}

func measureKernel(ctx context.Context, t target, shapes []Shape, cores int) (Kernel, error) {
	restore, err := knn.Use(t.kernel)
	if err != nil {
		return Kernel{}, err
	}
	defer restore()
	k := Kernel{Name: t.String()}
	for _, s := range shapes {
		var total float64 // seconds for a pair in all variants
		measured := make(map[int]speed)
		for _, c := range s.Channels {
			if _, done := measured[c]; !done {
				if err := ctx.Err(); err != nil {
					return k, err
				}
				measured[c] = measureSearch(s.Patches, c, t.fast)
			}
			m := measured[c]
			total += flop(s.Patches, s.Patches, c) / m.search
			k.GFLOPS, k.Peak, k.Fraction = m.search/1e9, m.peak/1e9, m.search/m.peak
		}
		k.Speeds = append(k.Speeds, newSpeed(s, total, cores))
	}
	return k, nil
}

func newSpeed(s Shape, total float64, cores int) Speed {
	out := Speed{Shape: s, MSPerPair: 1e3 * total / float64(len(s.Channels))}
	for _, n := range Batches {
		seconds := total * float64(n*(n-1)/2) / float64(cores)
		out.ImagesPerMinute = append(out.ImagesPerMinute, Rate{n, 60 * float64(n) / seconds})
	}
	return out
}

func flop(m, n, c int) float64 { return 2 * float64(m) * float64(n) * float64(c) }

// speed is in operations per second.
type speed struct{ search, peak float64 }

// Each figure is the best of rounds of about slice seconds each.
const rounds, slice = 4, 0.03

// measureSearch times searches of p rows of c columns; slow kernels search
// for fewer rows.
func measureSearch(p, c int, fast bool) speed {
	const trial = 10_000
	f := frame(p, c, fast)
	var s speed
	s.peak = rate(func() float64 { return knn.Peak(f.Format(), trial) })
	repeat := int(max(1, slice*s.peak/knn.Peak(f.Format(), 1)))
	left := min(p, max(96, int(slice*s.peak/flop(1, p, c))))
	search := newSearch(left, p, c, f)
	search()
	for range rounds {
		s.peak = max(s.peak, rate(func() float64 { return knn.Peak(f.Format(), repeat) }))
		s.search = max(s.search, rate(search))
	}
	return s
}

// frame is one for rows of tokens.
func frame(p, c int, fast bool) *knn.Quantizer {
	rng := rand.New(rand.NewPCG(uint64(p), uint64(c)))
	if fast {
		return knn.ChooseQuantizer(tokens(rng, p, c), tokens(rng, p, c), p, c)
	}
	return knn.Plain(c)
}

// newSearch makes a search of random rows that returns its operations.
func newSearch(left, right, c int, f *knn.Quantizer) func() float64 {
	rng := rand.New(rand.NewPCG(uint64(left), uint64(c)))
	var a, b knn.Rows
	a.Set(tokens(rng, left, c), left, nil, f)
	b.Set(tokens(rng, right, c), right, nil, f)
	rows, cols := make([]knn.Match, left), make([]knn.Match, right)
	var s knn.Searcher
	s.Load(&a)
	return func() float64 {
		s.Search(&b, rows, cols)
		return flop(left, right, c)
	}
}

func tokens(rng *rand.Rand, n, c int) []float32 {
	t := make([]float32, n*c)
	for i := range t {
		t[i] = float32(rng.NormFloat64())
	}
	return t
}

// rate is how many of the operations that work returns it does per second.
func rate(work func() float64) float64 {
	start := now()
	n := work()
	return n / max(now()-start, time.Nanosecond).Seconds()
}
