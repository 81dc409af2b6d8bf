// Package rscin re-ranks the images of a batch by their class tokens: RsCIN,
// re-scoring with a constrained image-level neighbourhood, of MuSc (Li et al.
// 2024, section 3.3, and its public code).
//
// Images that look alike as a whole should score alike. With s the image
// scores, min-max scaled to 0…1, and W the cosine similarities of the class
// tokens,
//
//	s′ = 1/|K| · Σ over k in K of D⁻¹·W_k·s
//
// W_k keeps of each row of W the k largest, of which the image itself is one,
// and D holds the sums of its rows, so that s′ is a weighted mean of the scores
// of an image and its k − 1 nearest. MuSc takes K = {1, 2, 3} for MVTec AD and
// {1, 8, 9} for VisA. k = 1 is the score itself.
//
// What MuSc leaves open, here: of equal similarities the image's own is the
// largest and then that of the earlier image; k above the number of images is
// that number, where MuSc fails; scores that are all equal become 0, where it
// divides by 0; and a row whose sum is not positive keeps its score.
package rscin
