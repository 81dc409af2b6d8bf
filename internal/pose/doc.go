// Package pose estimates how each part of a batch is turned in its image.
//
// Patch tokens change when a part turns: the networks were trained on upright
// photographs. A part at an angle of its own then has no look-alikes, and every
// patch of it scores high. Parts are therefore turned alike before they are
// compared, which costs a small fraction of comparing several views of each.
//
// The agreement of two images is a mean of cosines
//
//	mean over x of max over y of cos(x, y)
//
// over the patches x of one image and the patches y of the other at most two patches
// away. Tokens are centred on the mean of the batch. Only patches x inside the
// inscribed circle count: they show the image at every angle.
//
// Estimate works in three steps.
//
//  1. It turns the first image by steps of 7.5° and takes for each image the angle
//     that agrees best.
//  2. It makes a template, the mean of all images as turned so far, in which defects
//     average out, and turns each image by up to 15° to agree best with it.
//  3. It repeats step 2 with smaller steps, and turns an image further to one side
//     as long as the agreement grows. It tries the other side only if the first
//     did not help.
//
// A batch needs turning only if that pays: Poses.Worthwhile compares the
// agreement of the turned images with that of the images as they lie. Of a large
// batch a sample is refined first, and where it does not pay there, that is all.
//
// The method and its constants are our choice; MuSc and CoDeGraph compare
// images as they lie.
package pose
