package burnout

import (
	"context"
	"math"

	"codegraph/internal/evt"
	"codegraph/internal/mutual"
	"codegraph/internal/parallel"
)

// Model is what the vectors of a batch say about normal patches: the tail
// index α of each place, and the test for burnout that follows from it.
type Model struct {
	Omega  int
	Batch  evt.Estimate
	Images []evt.Estimate // [N]
	// Positions are those of the places of the patch grid, [P]. Parts that lie
	// alike have places that differ: a plain one has near look-alikes
	// everywhere and a high α.
	Positions []evt.Estimate
	scan      *evt.Scan
}

// NewModel fits the model to the distances below rank omega, 3 or more. overlap
// is how many patches of an image count as one because their tokens average
// over the same neighbourhood.
func NewModel(ctx context.Context, t *mutual.Table, omega int, overlap float64, threads int) (*Model, error) {
	scan, err := evt.NewScan(omega)
	if err != nil {
		return nil, err
	}
	means, err := meanSpacings(ctx, t, omega, threads)
	if err != nil {
		return nil, err
	}
	m := &Model{Omega: omega, scan: scan, Images: make([]evt.Estimate, t.N), Positions: make([]evt.Estimate, t.P)}
	var images, group []float64
	for i, of := range means {
		m.Images[i] = evt.Pool(defined(group[:0], of), omega-1, overlap)
		if a := m.Images[i].Alpha; a > 0 {
			images = append(images, 1/a)
		}
	}
	for x := range t.P {
		group = group[:0]
		for _, of := range means {
			group = defined(group, of[x:x+1])
		}
		m.Positions[x] = evt.Pool(group, omega-1, 1)
	}
	// Those of images are means over so many spacings that their median is
	// their mean.
	m.Batch = evt.Pool(images, manySpacings, 1)
	return m, nil
}

const manySpacings = 1 << 20

// defined appends the values that are numbers.
func defined(dst, values []float64) []float64 {
	for _, v := range values {
		if !math.IsNaN(v) {
			dst = append(dst, v)
		}
	}
	return dst
}

// meanSpacings returns ū = Σ_{i<ω} ln(d⁽ω⁾/d⁽ⁱ⁾)/(ω−1) of every patch, [N][P];
// NaN where it is not defined.
func meanSpacings(ctx context.Context, t *mutual.Table, omega, threads int) ([][]float64, error) {
	means := make([][]float64, t.N)
	err := parallel.ForEach(ctx, t.N, threads, func() func(i int) {
		var v []Entry
		u := make([]float64, omega)
		return func(i int) {
			means[i] = make([]float64, t.P)
			for x := range t.P {
				v = Vector(v, t.Row(i, x))
				means[i][x] = 1 / evt.Hill(Spacings(u, v, omega)).Alpha
			}
		}
	})
	return means, err
}

// Alpha is the tail index of place x, that of the batch where the place has
// none.
func (m *Model) Alpha(x int) float64 {
	if a := m.Positions[x].Alpha; a > 0 {
		return a
	}
	return m.Batch.Alpha
}

const (
	// maxFitted bounds the patches of a batch whose fit is looked at, and
	// maxSpacings their spacings, which take memory.
	maxFitted   = 1 << 14
	maxSpacings = 1 << 23
	// stride is coprime to most grids: the places of the sample spread.
	stride = 0.6180339887
)

// Fit tests how well the vectors of a table agree with the model. The sample
// that counts as independent has a patch of each image, of fewer images where
// there are very many, at places that do not repeat as long as there are places.
func (m *Model) Fit(ctx context.Context, t *mutual.Table, seed uint64) (*evt.BatchFit, error) {
	var patches [][]float64
	var sample []int
	var v []Entry
	most := max(1, min(maxFitted, maxSpacings/2/m.Omega))
	step, every := (t.N*t.P+most-1)/most, (t.N+most-1)/most
	for i := range t.N {
		chosen := int(math.Mod(float64(i+1)*stride, 1) * float64(t.P))
		if i%every != 0 {
			chosen = -1
		}
		for x := range t.P {
			if x != chosen && (i*t.P+x)%step != 0 {
				continue
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			v = Vector(v, t.Row(i, x))
			u := Spacings(nil, v, m.Omega)
			if u == nil {
				continue
			}
			if x == chosen {
				sample = append(sample, len(patches))
			}
			patches = append(patches, u)
		}
	}
	return evt.NewBatchFit(patches, sample, m.Omega-1, seed), nil
}
