// Package mutual compares the patches of a batch with each other.
//
// # Distances
//
// The distance of patch x to image I_j in variant v is
//
//	d_v(x, I_j) = min over y in I_j of |x − y|
//
// and d(x, I_j) is the mean of d_v over the variants. Compare makes the Table of
// all d, [N][P][N]. It searches each pair of images once, for both directions.
// Where the table is too large for memory, CompareStrip makes the rows of a block
// of images (Rows).
//
// # Scores
//
// The mutual similarity vector of x is d⁽¹⁾ ≤ … ≤ d⁽ᴺ⁻¹⁾, its distances in
// ascending order. Its anomaly score is the mean of the lowest K = ⌊0.3(N−1)⌋
// (MuSc, Li et al. 2024, section 3.2):
//
//	a(x) = 1/K · (d⁽¹⁾ + … + d⁽ᴷ⁾)
//
// A normal patch has look-alikes in nearly every image, so that a is low. MuSc
// scores each variant by itself and averages the scores; Compare returns these
// beside the table. CoDeGraph looks for families in the table.
//
// # Masking
//
// Mask makes a second table, in which removed patches are not used as neighbours.
// Only the columns of images that lost patches are computed again. A table does
// not change once it is made.
package mutual
