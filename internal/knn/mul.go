package knn

import "sync"

// Packed is the right operand of Mul, packed for the implementation in use.
type Packed struct {
	K, N   int // the matrix is K × N
	nr     int
	panels []float32 // [⌈N/nr⌉][K][nr]
}

// PackB packs the row-major k × n matrix b for Mul.
func PackB(b []float32, k, n int) *Packed {
	nr := active.nr
	p := &Packed{K: k, N: n, nr: nr, panels: make([]float32, (n+nr-1)/nr*nr*k)}
	for j := 0; j < n; j += nr {
		panel := p.panels[j*k:]
		w := min(nr, n-j)
		for r := range k {
			copy(panel[r*nr:r*nr+w], b[r*n+j:])
		}
	}
	return p
}

type mulScratch struct{ a, tile []float32 }

var mulPool = sync.Pool{New: func() any { return new(mulScratch) }}

// Mul computes dst = a·b on the calling goroutine: a is row-major [m][b.K],
// dst row-major [m][b.N]. b must have been packed by the implementation that
// is in use.
func Mul(dst, a []float32, m int, b *Packed) {
	im := &active
	if b.nr != im.nr {
		panic("knn: Mul with an operand packed for another implementation")
	}
	s := mulPool.Get().(*mulScratch)
	defer mulPool.Put(s)
	s.a = grow(s.a, im.mr*b.K)
	s.tile = grow(s.tile, im.mr*im.nr)
	for i := 0; i < m; i += im.mr {
		rows := min(im.mr, m-i)
		packA(s.a, a[i*b.K:], rows, b.K, im.mr)
		for j := 0; j < b.N; j += im.nr {
			im.tile(b.K, &s.a[0], &b.panels[j*b.K], &s.tile[0])
			w := min(im.nr, b.N-j)
			for r := range rows {
				copy(dst[(i+r)*b.N+j:(i+r)*b.N+j+w], s.tile[r*im.nr:])
			}
		}
	}
}

// packA packs rows rows of a, row-major with k columns, as one panel
// [k][mr]; missing rows repeat the last.
func packA(dst, a []float32, rows, k, mr int) {
	for r := range mr {
		src := a[min(r, rows-1)*k:][:k]
		for i, v := range src {
			dst[i*mr+r] = v
		}
	}
}

// grow returns s with length n, reallocated when too short.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
