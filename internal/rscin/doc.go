// Package rscin re-ranks the images of a batch by their class tokens: RsCIN,
// re-scoring with a constrained image-level neighbourhood, of MuSc (Li et al.
// 2024, section 3.3, and its public code).
//
// Images that look alike as a whole should have similar scores. Let s be the image
// scores, scaled to 0…1 by their least and greatest, and W the inner products of
// the class tokens. W_k keeps the k largest values of each row of W, and D is the
// diagonal of the sums of its rows. The new score is
//
//	s′ = 1/|K| · Σ over k in K of D⁻¹·W_k·s
//
// a weighted mean of the scores of the k most similar images. MuSc takes
// K = {1, 2, 3} for MVTec AD and {1, 8, 9} for VisA.
//
// Tokens of unit length, such as CLIP's, make W a matrix of cosines. The most
// similar image is then the image itself, and k = 1 gives s. DINO's and DINOv2's
// tokens are compared at their own length, as in MuSc's code: the longer token of
// another image may have the larger product.
//
// # Edge cases
//
// MuSc leaves these open; they are our choice.
//
//   - Of equal similarities the image itself comes first, then the earlier image.
//   - k above the number of images is that number. MuSc's code fails.
//   - Scores that are all equal become 0. MuSc's code divides by 0.
//   - A row whose sum is not positive keeps its score.
package rscin
