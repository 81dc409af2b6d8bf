// Package pipeline runs a scan from images to a Result.
//
// # Items
//
// An Item is a scored image, a reference, or a tile of an image. It keeps its index
// and its Role from the first stage to the last; no stage looks an item up by its
// name. Items that cannot be read are Skipped. The others are the images of a Batch.
//
// # Stages
//
// Start runs the stages. Each takes values and gives new ones:
//
//	align     Items            → angles                (package pose)
//	Embed     Items, angles    → Batch, its tokens     (imageset, backbone, token)
//	compare   Batch            → Distances             (mutual)
//	families  Distances        → Families              (family, burnout, graph)
//	filter    Batch, Families  → Filtered              (mutual.Mask)
//	score     Distances, Filtered → ItemImages         (imagescore, rscin)
//
// A Run holds what they gave. Project judges the images (package verdict) and makes
// the public Result of one run or several, once, at the end.
//
// The final score of a patch is
//
//	MuSc · a′/a
//
// with MuSc its score over all variants, a the mean of its K lowest distances and a′
// that after filtering (FilterRatio; our choice).
//
// # Memory
//
// MemoryPlan says what a run is going to take before it does. At most two tables
// [N][P][N] exist at a time; where two do not fit there is one, on disk, and filter
// works in strips of images.
//
// # More than one run
//
// A Session keeps a Run open and judges again with a person's answers. Packages
// tiled, snapshot and job put runs, or stages of one, together.
package pipeline
