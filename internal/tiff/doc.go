// Package tiff reads the TIFF files that cameras, microscopes and line scanners
// write and golang.org/x/image/tiff does not: BigTIFF, several pages, separate
// planes, 16- and 32-bit integers, floating point, and JPEG or Zstandard
// compression. It follows TIFF 6.0, Adobe's Technical Notes 1-3, and the
// BigTIFF design of libtiff.
//
// Pages lists what a file holds, from its directories alone; Decode reads one
// page. Every offset, count and size is checked before it is used; the memory
// that a page takes is bounded by its size in pixels, which the caller checks
// first.
//
// No maintained library in pure Go reads these kinds. Their compressions come from
// libraries: LZW and CCITT from golang.org/x/image,
// Deflate and JPEG from the standard library, Zstandard from klauspost/compress.
package tiff
