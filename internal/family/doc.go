// Package family finds consistent anomalies and says which patches carry
// them.
//
// Suspicious links (package burnout) are counted per pair of images: the
// weights of the image graph. Its communities (package graph) whose density
// exceeds
//
//	Q3 + k·max(IQR, 1)
//
// are suspicious, with the quartiles taken over all pairs of images that are
// not both inside the community, zeros included: that is defined for one
// community as well as for many.
//
// The counts of the graph are dominated by what many patches share: a
// harmless finish, a pose, the light. So single patches propose groups too
// (followers): the images before the largest growth of their distances.
//
// Communities and proposals are examined twice (our choice). On the distances
// as they are, they show variants of the whole part: candidates. On the
// distances without what many patches of an image have in common (deflate),
// images that are alike as a whole no longer stand out and those that share a
// small defect do: defects.
//
// For a suspicious community C the dependence ratio of a patch x is
//
//	ρ(x) = a_{B∖U}(x) / a_B(x)
//
// its score when no image of the suspicious communities U may serve as a
// neighbour over its score now, each the mean of a proportional number of
// nearest images. A normal patch finds others: ρ ≈ 1. The patches of C whose
// ln ρ exceeds what is usual outside C are guilty. Images outside C that
// depend on it as its members do, and find its members, join; members that do
// not leave.
//
// The gain of a family (median over members of the mean of the three highest
// ln ρ) tells it from images that merely look alike; its area (mean share of
// guilty patches) tells a local defect from a whole part that differs, which
// may be harmless: a candidate, for a person to decide.
//
// Dozens of groups are examined on the same distances. Each row of the table
// is therefore sorted once (ranking). The k nearest images that are left
// without a group C are the first e of the row without those of C, where
// e = k + |C ∩ first e| (cursor.lowest): it takes |C| steps, and their sum is
// a partial sum of the row less the distances to C. The sums are exact unless
// the distances of a row span more than 2²⁹/N, so that ln ρ does not depend on
// the order in which they are taken. Beside the scratch table, a search takes
// the ranks, half a table and at most 256 MiB, and ln ρ of 16 groups.
package family
