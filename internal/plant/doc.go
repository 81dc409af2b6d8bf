// Package plant plants defects into copies of photographs of good parts, so
// that it is known which images are defective and where.
//
// NewParts finds out where the part is in each photograph of a batch and how
// it lies. Draw draws a defect of a Kind by a seed, Cut takes a real one out
// of a defective photograph. Defect.Plant puts one copy of it on a part: at
// the same place of the part each time, jittered in place, size, angle,
// strength and light. Alter changes a photograph in a harmless way.
//
// Real defects are blended as follows. The mask of the defect is dilated by
// 3 pixels and feathered with σ = 2 pixels: the weight w. The residual r is
// the defect less the median colour of the ring 4 to 12 pixels outside the
// mask. With m the mean colour of the target part over σ = 15 pixels,
//
//	planted = (1 − w)·target + w·(m + (1 ± 0.05)·r).
//
// m is a mean over pixels of the part only, and w vanishes off the part, so
// that no halo of the background appears at its outline. Lengths in pixels
// hold for photographs of 800 pixels a side and grow with the photograph.
//
// Nothing is random but by the seeds given: the same arguments give the same
// pixels.
package plant
