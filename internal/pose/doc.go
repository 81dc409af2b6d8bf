// Package pose estimates how each part of a batch is turned in its image.
//
// Patch tokens of a network trained on upright photographs change when the
// part turns: a part that lies at any angle finds no look-alike among a few
// that lie otherwise, and mutual scoring fails. Turning the parts alike before
// they are compared repairs that at a small fraction of the cost of comparing
// several views of each.
//
// Angles come from small grey pictures, without the network:
//
//  1. centre.go: the middle of a part is where the strength of its edges goes best
//     with their mean at each distance from the middle, the batch's radial profile.
//     That does not depend on how the part is turned.
//  2. spectrum.go: around the middle, each circle is a function of the angle. Turning
//     the part by a multiplies its Fourier coefficient k by exp(−ika). Each
//     coefficient is divided by its root mean square over the batch: else what all
//     parts have six times around decides, and not the mark that they have once.
//  3. turn.go: each image is turned to where it correlates best with the sum of the
//     others as turned so far, round after round. The first angles are those against
//     one image; several are tried, and what correlates best in the end is kept.
//  4. template.go keeps the sum, for images that come later.
//
// A batch needs turning only if that pays, and the network says so (agree.go): two
// images agree by the mean over patches of the highest cosine between a patch of the
// one and the patches within window of it in the other, with tokens centred on the
// mean of all, and only inside the inscribed circle, which stays in the image at every
// angle. Poses.Worthwhile compares how far the images of a sample agree with their
// mean as turned and as they lie.
//
// The method and its constants are our choice; MuSc and CoDeGraph compare
// images as they lie. Aligning by the Fourier coefficients of circles is from image
// registration, turning each image to the sum of the others from the averaging of
// images of single particles in microscopy.
package pose
