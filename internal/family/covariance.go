package family

import "context"

const (
	// A tile of the covariance is tall × wide: its sums fit the registers.
	tall, wide = 3, 2
	// deep is the number of rows that are added at a time: their panels fit
	// the cache.
	deep = 64
)

// tile is a piece of the covariance.
type tile [tall][wide]float64

// covariance is the sum of the outer products of rows scaled to unit length,
// [n][n].
type covariance struct {
	n     int
	d     []float64
	tiles []tile                // [⌈n/tall⌉][⌈n/wide⌉], of the upper triangle
	left  [][deep][tall]float64 // rows over their squared lengths
	right [][deep][wide]float64 // rows
}

func newCovariance(n int) covariance {
	down, across := (n+tall-1)/tall, (n+wide-1)/wide
	return covariance{
		n: n, d: make([]float64, n*n),
		tiles: make([]tile, down*across),
		left:  make([][deep][tall]float64, down),
		right: make([][deep][wide]float64, across),
	}
}

// of computes the covariance of rows and returns the number of those that
// have a length. Each sum takes the rows in their order.
func (c *covariance) of(ctx context.Context, rows []float64) (number float64) {
	clear(c.tiles)
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
		for b := range a + 1 {
			v := c.tiles[b/tall*len(c.right)+a/wide][b%tall][a%wide]
			c.d[a*c.n+b], c.d[b*c.n+a] = v, v
		}
	}
	return number
}

// add adds depth rows.
func (c *covariance) add(depth int) {
	for a := range c.left {
		tiles := c.tiles[a*len(c.right):][:len(c.right)]
		for b := a * tall / wide; b < len(tiles); b++ {
			tiles[b].addOuter(c.left[a][:depth], c.right[b][:depth])
		}
	}
}

// addOuter adds the outer products of left and right.
func (t *tile) addOuter(left [][tall]float64, right [][wide]float64) {
	s00, s01, s10, s11, s20, s21 := t[0][0], t[0][1], t[1][0], t[1][1], t[2][0], t[2][1]
	left = left[:len(right)]
	for x := range right {
		a, b := &left[x], &right[x]
		s00 += a[0] * b[0]
		s01 += a[0] * b[1]
		s10 += a[1] * b[0]
		s11 += a[1] * b[1]
		s20 += a[2] * b[0]
		s21 += a[2] * b[1]
	}
	*t = tile{{s00, s01}, {s10, s11}, {s20, s21}}
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
