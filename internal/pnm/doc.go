// Package pnm reads the portable bitmaps, greymaps and pixmaps (PBM, PGM, PPM;
// P1 to P6) of Netpbm, which line scanners write. The formats are those of the
// manual pages pbm(5), pgm(5) and ppm(5). The readers of them in Go that can be
// had are not kept, lack 16 bits or read without bounds.
package pnm
