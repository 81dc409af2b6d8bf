// Package half reads numbers of half precision, IEEE 754 binary16: a sign, five
// bits of exponent e and ten of fraction f,
//
//	±2^(e−15) · (1 + f/1024)    0 < e < 31
//	±2^(−14) · f/1024           e = 0
//	±∞ (f = 0) or NaN           e = 31
//
// Each of them is a float32, too, so nothing is rounded. Weights of networks and
// samples of TIFF files have half precision.
package half
