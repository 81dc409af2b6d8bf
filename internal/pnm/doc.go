// Package pnm reads the portable bitmaps, greymaps and pixmaps (PBM, PGM, PPM;
// P1 to P6) of Netpbm, which line scanners write. The formats are those of the
// manual pages pbm(5), pgm(5) and ppm(5). Libraries that
// read them in Go are not maintained, lack 16 bits, or read without bounds.
package pnm
