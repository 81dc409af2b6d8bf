// Package token turns backbone features into the patch tokens that are
// compared: LNAMD of MuSc (Li et al. 2024, section 3.1).
//
// Each layer's features are brought to one patch grid (Resample). Then, per
// image and layer,
//
//  1. Normalize: LayerNorm over the whole C × H × W block, no affine
//     parameters, eps 1e-5;
//  2. aggregate: mean over the r × r neighbourhood of each patch, zero
//     padding, always divided by r²; then each token L2-normalised.
//
// One (layer, r) is a variant. Variants of a layer are cheap to make from the
// normalised block, so only the blocks are kept (Store).
package token
