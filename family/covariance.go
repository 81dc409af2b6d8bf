package family

import "context"

const (
	// A tile of the covariance is tall × wide: its sums fit the registers.
	tall, wide = 4, 2
	// deep is the number of rows that are added at a time: their panels fit
	// the cache.
	deep = 64
)

// covariance is the sum of the outer products of rows scaled to unit length,
// [n][n].
type covariance struct {
	n     int
	d     []float64
	left  [][deep][tall]float64 // rows over their squared lengths, by ⌈n/tall⌉ columns
	right [][deep][wide]float64 // rows
}

func newCovariance(n int) covariance {
	return covariance{
		n: n, d: make([]float64, n*n),
		left:  make([][deep][tall]float64, (n+tall-1)/tall),
		right: make([][deep][wide]float64, (n+wide-1)/wide),
	}
}

// of computes the covariance of rows, row after row whatever the block, and
// returns the number of those that have a length.
func (c *covariance) of(ctx context.Context, rows []float64) (number float64) {
	clear(c.d)
	depth := 0
	for ; len(rows) > 0 && ctx.Err() == nil; rows = rows[c.n:] {
		row := rows[:c.n]
		size := inner(row, row)
		if size == 0 {
			continue
		}
		number++
		for j, v := range row {
			c.left[j/tall][depth][j%tall] = v / size
			c.right[j/wide][depth][j%wide] = v
		}
		if depth++; depth == deep {
			c.add(depth)
			depth = 0
		}
	}
	c.add(depth)
	for a := range c.n {
		for b := range a {
			c.d[a*c.n+b] = c.d[b*c.n+a]
		}
	}
	return number
}

// add adds depth rows to the upper triangle.
func (c *covariance) add(depth int) {
	for a := 0; a < c.n; a += tall {
		for b := a / wide * wide; b < c.n; b += wide {
			var sum [tall][wide]float64
			for r := range min(tall, c.n-a) {
				copy(sum[r][:], c.d[(a+r)*c.n+b:(a+r+1)*c.n])
			}
			addOuter(&sum, c.left[a/tall][:depth], c.right[b/wide][:depth])
			for r := range min(tall, c.n-a) {
				copy(c.d[(a+r)*c.n+b:(a+r+1)*c.n], sum[r][:])
			}
		}
	}
}

// addOuter adds the outer products of left and right to sum.
func addOuter(sum *[tall][wide]float64, left [][tall]float64, right [][wide]float64) {
	s00, s01, s10, s11 := sum[0][0], sum[0][1], sum[1][0], sum[1][1]
	s20, s21, s30, s31 := sum[2][0], sum[2][1], sum[3][0], sum[3][1]
	left = left[:len(right)]
	for x := range right {
		a, b := &left[x], &right[x]
		b0, b1 := b[0], b[1]
		s00 += a[0] * b0
		s01 += a[0] * b1
		s10 += a[1] * b0
		s11 += a[1] * b1
		s20 += a[2] * b0
		s21 += a[2] * b1
		s30 += a[3] * b0
		s31 += a[3] * b1
	}
	*sum = [tall][wide]float64{{s00, s01}, {s10, s11}, {s20, s21}, {s30, s31}}
}

// multiply writes a·v to dst, each sum in the order of v: four at a time, as
// one waits for its own last step.
func multiply(dst, a, v []float64) {
	n, k := len(v), 0
	for ; k+4 <= len(dst); k += 4 {
		a0, a1, a2, a3 := a[k*n:][:n], a[(k+1)*n:][:n], a[(k+2)*n:][:n], a[(k+3)*n:][:n]
		var s0, s1, s2, s3 float64
		for j, x := range v {
			s0 += a0[j] * x
			s1 += a1[j] * x
			s2 += a2[j] * x
			s3 += a3[j] * x
		}
		dst[k], dst[k+1], dst[k+2], dst[k+3] = s0, s1, s2, s3
	}
	for ; k < len(dst); k++ {
		dst[k] = inner(a[k*n:][:n], v)
	}
}

func inner(a, b []float64) float64 {
	var sum float64
	for k, x := range a {
		sum += x * b[k]
	}
	return sum
}
