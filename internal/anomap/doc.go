// Package anomap reads anomaly maps: grids of scores, one a patch.
//
// Between patches a map is bilinear. Upsample, Max and Rows put the centres of
// the corner patches into the corners of the image (align_corners = true), as
// MuSc does: pixel i of n reads position i·(m−1)/(n−1) of m patches.
package anomap
