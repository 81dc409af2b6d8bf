package main

import (
	"context"
	"math"
	"runtime"

	"codegraph/backbone"
	"codegraph/imageset"
	"codegraph/internal/gemm"
	"codegraph/internal/parallel"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// The learnt descriptor's constants; none was tuned.
const (
	scales   = 2  // the image and its half
	window   = 7  // a filter's side, in pixels
	filters  = 32 // of each scale
	width    = 64 // of the descriptor
	lattice  = 14 // windows a side that an image gives to learn from
	taps     = window * window * 3
	pooled   = scales * filters * 2
	smallest = 1e-6 // eigenvalue that is whitened, of the largest
)

// learnt is a descriptor learnt from the batch itself, in the manner of PCANet
// (Chan et al. 2015): opponent colours; at each scale the principal components
// of 7 × 7 windows as filters; positive and negative parts of the responses
// apart; means over the cells of the grid; and of these the strongest
// principal components, scaled to variance 1. Their mean is not taken away:
// tokens are compared at unit length, and about the mean the direction of a
// normal patch is noise.
type learnt struct {
	config
	info   backbone.Info
	filter [scales]projection
	whiten projection
}

// projection takes rows onto principal components.
type projection struct {
	components gemm.Packed
	offset     []float32 // what is taken away after
}

func learn(ctx context.Context, c config, items imageset.Set) (*learnt, error) {
	l := &learnt{config: c}
	l.info = backbone.Info{Multiple: 2, Std: [3]float32{1, 1, 1}}
	if c.net != nil {
		l.info = c.net.Info()
	}
	l.info.Name, l.info.Digest = "learnt", "" // without a digest nothing is cached
	l.info.Layers = append(l.info.Layers, "learnt")
	for s := range scales {
		rows, err := l.gather(ctx, items, func(x []float32) []float32 { return l.sample(x, s) })
		if err != nil {
			return nil, err
		}
		l.filter[s] = principal(rows, taps, filters, false)
	}
	rows, err := l.gather(ctx, items, l.pool)
	if err == nil {
		l.whiten = principal(rows, pooled, width, true)
	}
	return l, err
}

func (l *learnt) Info() backbone.Info { return l.info }

func (l *learnt) Forward(ctx context.Context, x []float32, h, w int) (*backbone.Features, error) {
	f := new(backbone.Features)
	if l.net != nil {
		var err error
		if f, err = l.net.Forward(ctx, x, h, w); err != nil {
			return nil, err
		}
	}
	rows := l.pool(x)
	m := backbone.Map{H: l.grid, W: l.grid, C: width, Data: make([]float32, len(rows)/pooled*width)}
	l.whiten.apply(m.Data, rows)
	f.Layers = append(f.Layers, m)
	return f, ctx.Err()
}

// gather returns the rows that of makes of each image, in order.
func (l *learnt) gather(ctx context.Context, items imageset.Set, of func(x []float32) []float32) ([]float64, error) {
	each := make([][]float32, len(items))
	err := parallel.Do(ctx, len(items), runtime.GOMAXPROCS(0), func(i int) error {
		p, err := imageset.Load(ctx, items[i], imageset.Limits{})
		if err == nil {
			each[i] = of(p.Tensor(l.size, l.size, imageset.Bicubic, l.info.Mean, l.info.Std))
		}
		return err
	}, nil)
	var all []float64
	for _, rows := range each {
		for _, v := range rows {
			all = append(all, float64(v))
		}
	}
	return all, err
}

// principal returns the n strongest principal components of rows of dim
// values: about the mean or, if whiten is set, from zero and scaled to
// variance 1.
func principal(rows []float64, dim, n int, whiten bool) projection {
	x := mat.NewDense(len(rows)/dim, dim, rows)
	var cov mat.SymDense
	stat.CovarianceMatrix(&cov, x, nil)
	var eigen mat.EigenSym
	eigen.Factorize(&cov, true)
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	values := eigen.Values(nil) // ascending
	mean := make([]float64, dim)
	for i := range mean {
		mean[i] = stat.Mean(mat.Col(nil, i, x), nil)
	}
	b := make([]float32, dim*n)
	p := projection{offset: make([]float32, n)}
	for k := range n {
		scale, about := 1.0, 1.0
		if at := values[dim-1-k]; whiten {
			about = 0
			scale = 1 / math.Sqrt(max(at, smallest*values[dim-1], math.SmallestNonzeroFloat32))
		}
		for i := range dim {
			v := scale * vectors.At(i, dim-1-k)
			b[i*n+k] = float32(v)
			p.offset[k] += float32(about * v * mean[i])
		}
	}
	p.components.Rows(b, n, dim, n)
	return p
}

func (p projection) apply(dst, rows []float32) {
	k, n := p.components.K, p.components.N
	gemm.Mul(dst, n, rows, k, len(rows)/k, &p.components)
	for i := range dst {
		dst[i] -= p.offset[i%len(p.offset)]
	}
}

// plane is an image in opponent colours, channels last.
type plane struct {
	side int
	data []float32
}

// opponent returns brightness, R − G and yellow − blue of x at scale s.
func opponent(x []float32, size, s int) plane {
	n, step := size>>s, 1<<s
	p := plane{n, make([]float32, 3*n*n)}
	for i := range size * size {
		r, g, b := x[i], x[size*size+i], x[2*size*size+i]
		y, x := i/size/step, i%size/step
		to := p.data[3*(y*n+x):][:3]
		share := 1 / float32(step*step)
		to[0] += share * (r + g + b) / 3
		to[1] += share * (r - g)
		to[2] += share * ((r+g)/2 - b)
	}
	return p
}

// window writes the window about (x, y) to dst; edges are repeated.
func (p plane) window(dst []float32, x, y int) {
	for dy := range window {
		v := min(max(y+dy-window/2, 0), p.side-1)
		for dx := range window {
			u := min(max(x+dx-window/2, 0), p.side-1)
			copy(dst[3*(dy*window+dx):][:3], p.data[3*(v*p.side+u):])
		}
	}
}

// sample returns a lattice of windows of x at scale s.
func (l *learnt) sample(x []float32, s int) []float32 {
	p := opponent(x, l.size, s)
	rows := make([]float32, lattice*lattice*taps)
	for i := range lattice * lattice {
		p.window(rows[i*taps:], (2*(i%lattice)+1)*p.side/(2*lattice), (2*(i/lattice)+1)*p.side/(2*lattice))
	}
	return rows
}

// pool returns the mean positive and negative parts of the responses in each
// cell of the grid, [grid·grid][pooled]. The filters look at every second
// pixel of the full scale.
func (l *learnt) pool(x []float32) []float32 {
	out := make([]float32, l.grid*l.grid*pooled)
	for s := range scales {
		p := opponent(x, l.size, s)
		n := l.size / 2
		rows, responses := make([]float32, n*taps), make([]float32, n*filters)
		share := float32(l.grid*l.grid) / float32(n*n)
		for y := range n {
			for x := range n {
				p.window(rows[x*taps:], x*p.side/n, y*p.side/n)
			}
			l.filter[s].apply(responses, rows)
			for i, v := range responses {
				cell := y*l.grid/n*l.grid + i/filters*l.grid/n
				at := cell*pooled + 2*(s*filters+i%filters)
				out[at] += share * max(v, 0)
				out[at+1] += share * max(-v, 0)
			}
		}
	}
	return out
}
