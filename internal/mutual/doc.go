// Package mutual compares the patches of a batch with each other.
//
// The patch-to-image distance (p2i) of patch x to image I_j in variant v is
//
//	d_v(x, I_j) = min over y in I_j of |x − y|
//
// and d is its mean over variants. Compare fills the Table of all d, each
// pair of images searched once for both directions; or strip by strip, a block of
// images against all others, where the table is too large for memory (Rows).
//
// The ascending N−1 values of one patch are its mutual similarity vector; the mean
// of the lowest K = ⌊0.3(N−1)⌋ of them is its anomaly score (MuSc, Li et al. 2024,
// section 3.2): a normal patch has look-alikes in nearly every image, a defect has
// not.
//
// MuSc scores every variant on its own and averages the scores; Compare does
// so on the way, while CoDeGraph's graph is built from the mean distances.
// Mask makes a second table without some patches. Nothing changes a table once
// it is made.
package mutual
