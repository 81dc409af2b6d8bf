package gemm

// Packed is the right operand of Mul. The zero value is empty; setting it
// again reuses its memory.
type Packed struct {
	K, N   int // the matrix is K × N
	nr     int
	panels []float32 // [⌈N/nr⌉][K][nr], zero beyond N
}

// Rows packs b, k × n, row-major with stride ld.
func (p *Packed) Rows(b []float32, ld, k, n int) {
	p.reset(k, n)
	for j := 0; j < n; j += p.nr {
		panel := p.panels[j*k:][:p.nr*k]
		w := min(p.nr, n-j)
		for r := range k {
			copy(panel[r*p.nr:][:w], b[r*ld+j:])
			clear(panel[r*p.nr+w : (r+1)*p.nr])
		}
	}
}

// Columns packs the transpose of b, n × k, row-major with stride ld: the
// weights of a linear layer as checkpoints hold them, or keys.
func (p *Packed) Columns(b []float32, ld, n, k int) {
	p.reset(k, n)
	for j := 0; j < n; j += p.nr {
		panel := p.panels[j*k:][:p.nr*k]
		w := min(p.nr, n-j)
		for r := 0; r < k; r += transposed {
			part := panel[r*p.nr:]
			for c := range w {
				for i, v := range b[(j+c)*ld:][r:min(r+transposed, k)] {
					part[i*p.nr+c] = v
				}
			}
		}
		for r := 0; w < p.nr && r < k; r++ {
			clear(panel[r*p.nr+w : (r+1)*p.nr])
		}
	}
}

// transposed is how many rows of a panel are written together, to stay in the
// first-level cache.
const transposed = 64

func (p *Packed) reset(k, n int) {
	p.K, p.N, p.nr = k, n, active.nr
	p.panels = resize(p.panels, (n+p.nr-1)/p.nr*p.nr*k)
}

// Stride is a row stride for rows of n values that suits Mul.
func Stride(n int) int {
	n = (n + 15) &^ 15
	if n%512 == 0 {
		n += 16
	}
	return n
}

// Mul computes dst = a·b on the calling goroutine. a has m rows of b.K values
// with stride lda, dst m rows of b.N with stride ldd; the rest of a row of
// dst is left alone.
func Mul(dst []float32, ldd int, a []float32, lda, m int, b *Packed) {
	im := &active
	if b.nr != im.nr {
		panic("gemm: Mul with an operand packed for another implementation")
	}
	if m == 0 || b.N == 0 {
		return
	}
	_, _ = a[(m-1)*lda+b.K-1], dst[(m-1)*ldd+b.N-1]
	var tile [tileSize]float32
	short := shortRows(a, lda, m, b.K)
	for j := 0; j < b.N; j += im.nr {
		panel := &b.panels[j*b.K]
		w := min(im.nr, b.N-j)
		if short != nil {
			im.tile(b.K, &short[0], b.K, panel, &tile[0], im.nr)
			store(dst[j:], ldd, tile[:], im.nr, m, w)
			continue
		}
		for i := 0; i < m; i += im.mr {
			// The last tile overlaps the one before: the same sums again.
			i := min(i, m-im.mr)
			if w == im.nr {
				im.tile(b.K, &a[i*lda], lda, panel, &dst[i*ldd+j], ldd)
				continue
			}
			im.tile(b.K, &a[i*lda], lda, panel, &tile[0], im.nr)
			store(dst[i*ldd+j:], ldd, tile[:], im.nr, im.mr, w)
		}
	}
}

// tileSize is the size of the largest tile.
const tileSize = 12 * 32

// shortRows copies fewer rows than a tile has to where a whole tile may be
// read; nil if there are enough.
func shortRows(a []float32, lda, m, k int) []float32 {
	if m >= active.mr {
		return nil
	}
	rows := make([]float32, active.mr*k)
	for i := range m {
		copy(rows[i*k:][:k], a[i*lda:])
	}
	return rows
}

// store copies m rows of w columns of a tile with rows of nr.
func store(dst []float32, ldd int, tile []float32, nr, m, w int) {
	for r := range m {
		copy(dst[r*ldd:][:w], tile[r*nr:])
	}
}

// resize returns x with n elements of undefined content.
func resize[T any](x []T, n int) []T {
	if cap(x) < n {
		return make([]T, n)
	}
	return x[:n]
}
