package family

import "math"

const lnBits = 9 // leading bits of the mantissa that the table is indexed by

// lnTable holds, for each piece of [1, 2), a factor c that takes it to about
// 1, and −ln c.
var lnTable = func() (table [1 << lnBits]struct{ c, ln float64 }) {
	for k := range table {
		// 24 bits, so that the product with a float32 is exact.
		c := float64(float32(1 / (1 + (float64(k)+0.5)/(1<<lnBits))))
		table[k].c, table[k].ln = c, -math.Log(c)
	}
	return table
}()

// ln is the natural logarithm of a positive finite number, with an absolute
// error of a few units of 10⁻¹⁶ (Tang 1990): where every distance of a table
// needs one, math.Log, which branches on the mantissa, takes four times as
// long.
func ln(v float32) float64 {
	b := math.Float64bits(float64(v))
	e := float64(int(b>>52) - 1023)
	t := &lnTable[b>>(52-lnBits)&(1<<lnBits-1)]
	r := math.Float64frombits(b&(1<<52-1)|1023<<52)*t.c - 1 // |r| < 2⁻⁹
	r2 := r * r
	return e*math.Ln2 + t.ln + (r - r2*(1./2-r*(1./3)+r2*(1./4-r*(1./5)+r2*(1./6))))
}
