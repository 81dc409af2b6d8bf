// Package synth renders batches of inspection photographs whose truth is
// known to the pixel: what a demonstration, an end-to-end test or an ablation
// needs and a factory can seldom give away.
//
// A batch has three groups of parts. Good parts differ from each other as
// real ones do: tolerances, machining marks, uneven yarns, hairlines and
// smudges, pose, lamp, exposure and sensor noise. Rare defects are one-offs,
// each with a type, place, size and colour of its own. Recurring defects are
// one and the same defect on many parts, as a worn tool or a wrong setting
// makes them; only pose, place and lighting vary. A share of all parts, good
// or defective, may be a second, harmless variant: the whole part in another
// finish.
//
//	kind     parts                             recurring defect        variant
//	washer   aligned to ±2.5 units, ±2°        torn rim, wrong stamp   yellow passivated
//	fabric   2/2 twill with a free phase       slub at a random place  another dye
//	bracket  L-shaped, turned by any angle     torn corner, hole       zinc instead of paint,
//	                                           drilled twice           one wider hole
//
// # How an image is made
//
// Shapes are signed distance functions in a plane of 320 × 320 units, so that
// a larger image shows the same part in more detail. A scene answers, for a
// point of the image, with a surface: height, linear albedo, highlight, brush
// direction, shade. Texture is value noise. A defect changes the outline of
// the part, its height or its albedo, never the finished picture, so that it
// is lit, shaded and blurred like everything else.
//
// The camera takes 2 × 2 samples a pixel, finds slopes from differences of
// height, and adds the light of the sky, a lamp's diffuse reflection and a
// highlight that brush marks stretch (after Kajiya and Kay 1989). Then come
// the lens (blur, vignette), exposure (±8 %), a tone curve whose shoulder
// keeps highlights from clipping, and noise that grows with the signal.
//
// # Truth
//
// A pixel belongs to the mask if at least half of its samples are defective:
// material missing or too much, or a surface changed. Shadows that a defect
// casts outside of it do not count.
//
// # Determinism
//
// An image depends on the seed, its kind, group and index alone, at any
// number of threads. Processors that fuse multiplication and addition may
// round single grey levels differently.
package synth
