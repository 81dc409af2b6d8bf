// Package rscin re-ranks the images of a batch by their class tokens: RsCIN,
// re-scoring with a constrained image-level neighbourhood, of MuSc (Li et al.
// 2024, section 3.3, and its public code).
//
// Images that look alike as a whole should score alike. With s the image
// scores, min-max scaled to 0…1, and W the inner products of the class tokens,
//
//	s′ = 1/|K| · Σ over k in K of D⁻¹·W_k·s
//
// W_k keeps of each row of W the k largest, and D holds the sums of its rows, so
// that s′ is a weighted mean of the scores of the k images most like this one.
// Where tokens have unit length, W holds cosines and the image itself is the
// first of the k, as in MuSc's code for CLIP. DINO's and DINOv2's tokens are
// compared as they are there: a longer token may be closer to an image than its
// own. MuSc takes K = {1, 2, 3} for MVTec AD and
// {1, 8, 9} for VisA. With cosines k = 1 is the score itself.
//
// What MuSc leaves open, here: of equal similarities the image's own is the
// largest and then that of the earlier image; k above the number of images is
// that number, where MuSc fails; scores that are all equal become 0, where it
// divides by 0; and a row whose sum is not positive keeps its score.
package rscin
