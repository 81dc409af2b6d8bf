// Package evidence gathers what a result rests on, small enough to be kept and
// shown: the mutual similarity vectors of patches before any filtering, what
// they match, whether they burn out, how well the model of a normal patch fits
// the batch, and the image graph.
//
// There is one definition of each. Whether and where a patch burns out is said
// by burnout.Model.Test, what it matches by Matcher, its tail index by
// burnout.Hill and burnout.Model. Package explain says the same of one place in
// full, and the page of a report shows what is kept here.
//
// "Original" patches are those of the images as they were read, "rotated" ones
// those of the images as they were compared (package pose).
package evidence
