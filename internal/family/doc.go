// Package family finds consistent anomalies, groups of images that share what
// no others have, and says which patches carry them.
//
// # Proposals
//
// The growth rate of a normal patch is τ⁽ᵐ⁾ ~ Exp(αm) (package evt), so that
// m·τ⁽ᵐ⁾ is alike at all ranks m. Each patch proposes a group: its image and the
// m images before its largest m·τ⁽ᵐ⁾. Proposals of several images that agree by
// their Jaccard index are merged by majority.
//
// # Burnout
//
// Of a group C of n images and a patch x of one of them
//
//	T(x) = α·(n−1)·ln(far/near)
//
// with near the 90 % quantile of its distances to the other images of C, far the
// 5 % quantile of those to all others, and α the tail index of its image (Hill's
// estimate, the median over its patches). Under the null the logarithm of the
// growth at a given rank, times α(n−1), is Exp(1) whatever the network, the grid
// and the size. A burnout T is therefore significant if it exceeds ln of the
// number of tests over the level: N·P patches and 0.45·N ranks for a group that
// was searched for, P patches for a patch of an image of a group that is known.
// The burnout of an image is the mean of its three highest T(x), that of the
// group the median over its images. An image joins a group if its own burnout
// with it is significant, and leaves it otherwise.
//
// # Standing out
//
// What the look-alikes hide is a_{B∖C}(x), the score of x without the images of
// C as neighbours. z′ of an image is the ln of its highest one, over the patches
// that burn out, less the median of ln of the image scores, in units of their σ
// (by the lower quartile: the upper half may be defective). z is the same of the
// image score as it is. The numbers of a group are medians over its images.
//
// # Two tables
//
// All this is done twice: on the distances as they are, and on deflated ones
// (Deflate), without what many patches of an image have in common. Parts that
// are alike as a whole, by finish, pose or light, make groups on the former,
// several at a time; what is left on the latter is local. But a defect that is
// all that a batch has in common is deflated, too, and seen on the former only.
//
// # What becomes of a group
//
// A group is a defect if it would stand out (z′), is local (the share of the
// picture with at least half of its highest burnout is small), does not touch
// the border of the picture or padding, and is found on deflated distances or
// stands alone on plain ones: its burnout is a multiple of that of any other
// local group. Other groups that stand alone, and those on deflated distances
// that would stand out, are candidates: a harmless variant, a pose, a part's
// edge in some of the pictures cannot be told from a defect by any look at the
// batch, and a person is asked, first about what changes most. Params has the
// six constants.
//
// An image may belong to several families. Rejecting one lowers the scores of
// its own patches only (Within).
//
// # Cost
//
// Each row of a table is sorted once for all groups (ranking), as long as the
// ranks fit into 256 MiB; otherwise once in each of a fixed number of passes. The
// k nearest images that are left without a group C are the first e of the row
// without those of C, where e = k + |C ∩ first e| (cursor.lowest): it takes |C|
// steps, and their sum is a partial sum of the row less the distances to C. The
// sums are exact unless the distances of a row span more than 2²⁹/N.
//
// # The published pipeline
//
// Published is what the paper (Le-Gia & Ahn 2025) names: suspicious links by the
// weighted endurance ratio until they cover the batch, the image graph, Leiden's
// communities under the Constant Potts Model, those of an outlying density, and
// of their images the patches whose score depends on the community. It is there
// to be compared with.
package family
