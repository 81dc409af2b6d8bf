// Package deep holds images of samples that do not fit 8 bits: of 9 to 32 bits,
// or numbers in floating point. Package imageset scales them to the 8 bits that
// the networks know, all images of a batch by the same rule.
package deep
