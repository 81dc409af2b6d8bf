// Package family finds consistent anomalies, groups of images that share what
// no others have, and says which patches carry them.
//
// # Proposals
//
// The growth rate of a normal patch is τ⁽ᵐ⁾ ~ Exp(αm) (package evt), so that
// m·τ⁽ᵐ⁾ is alike at all ranks m. Each patch proposes a group: its image and the
// m images before its largest m·τ⁽ᵐ⁾. Proposals of several images that agree by
// their Jaccard index are merged, by majority and once more by a quarter of
// them. Patches that would not score above the median image without those they
// propose are not asked: nothing depends on them.
//
// # Burnout
//
// Of a group C of n images and a patch x of image i
//
//	T(x) = max −ln P(K ≥ k) + α·r·τ⁽ʳ⁾ over r with k/r > (1 + (n−1)/(N−1))/2
//
// where k of the r images nearest to x belong to C, K is hypergeometric (r of N−1
// images, of which n−1 are in C) and α is the tail index of the image: Hill's
// estimate, the median over its patches. C must prevail before the distances
// grow: its share of the r images is nearer to all than to what chance makes. The first part asks whether C comes
// before all others, the second whether the distances grow after it. If C has
// nothing to do with x, both are Exp(1) or less, whatever the network, the grid
// and the size (our choice; Fisher's way to combine independent tests). The
// burnout of an image is its highest T(x), that of the group, T, the median over
// its images.
//
// One patch proposed the group. That half of its other images reach T by
// themselves, each by the best of P patches at N/2 ranks, has a chance that
// N·P proposals and the choice of the half are taken into account of: what T must
// reach depends on n, and is never more than what one patch of all must reach
// that is the only test of N·P·N/2. An image joins if its own burnout reaches as much,
// and leaves below half of it. Unions of two groups are tried, too.
//
// # Standing out
//
// What the look-alikes hide is a_{B∖C}(x), the score of x without the images of
// C as neighbours. z′ of an image is the ln of its highest one, over the patches
// with at least half of its burnout, less the median of the ln image scores of
// the images outside C, in units of their σ (by the lower quartile: the upper
// half may be defective). z is the same of the image score as it is. The numbers
// of a group are medians over its images. A group rises by z′ − max(0, z).
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
// A group is a defect if it rises by Params.StandOut, is local (the share of the
// picture with at least half of the highest burnout is small), is no more at the
// border of the picture or of padding than the picture itself is, and is found on
// deflated distances or stands alone. A group stands alone if what its burnout is above
// that of any other group of its kind, local or whole, would make a group by itself, and
// is more than Level lets the highest of so many exponential excesses be above the next.
//
// Three kinds of groups are not defects. Most images are normal, and so is what most
// images have in common with some: where the groups that rise and are local hold more
// than half of the batch together, they are poses, and a defect must stand alone on
// deflated distances, too. A group whose complement is a group, too, is one of two
// variants. One that deflation takes away while it leaves others is a variant of the
// whole, and so is one that it leaves little of, unless its images stand out as they are.
//
// Other groups that stand alone are candidates. A harmless variant, a pose, a flip, a
// part's edge in some of the pictures cannot be told from a defect by any look at the
// batch: a person is asked, first about what changes most. Not about a group that would
// fall by Params.StandOut without its own images: that is what normal ones have in
// common. Of poses that would be defects by themselves, the one of each table is asked
// about that burns out most.
//
// An image may belong to several families. Rejecting one lowers the scores of
// its own patches only (Within).
//
// # Cost
//
// Each row of a table is sorted once for all groups (ranking). Where there is no room
// for a second table, ranks are in a file, and deflated rows are made again in each of
// a fixed number of passes (deflation). The
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
