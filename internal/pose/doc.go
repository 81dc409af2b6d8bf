// Package pose estimates how each part of a batch is turned in its image.
//
// Patch tokens of a network trained on upright photographs change when the
// part turns: a part that lies at any angle finds no look-alike among a few
// that lie otherwise, and mutual scoring fails. Turning the parts alike before
// they are compared repairs that at a small fraction of the cost of comparing
// several views of each.
//
// Two images agree by the mean over patches of the highest cosine between a
// patch of the one and the patches within Window of it in the other; tokens
// are centred on the batch's mean, and only patches inside the inscribed
// circle count, which stay in the image at every angle: a View shows nothing
// beyond. Estimate turns the
// first image by equal steps and takes for each image the step that agrees
// best. Then it refines, round after round with smaller steps, against the
// mean of all images as turned so far, which averages defects away. The later
// rounds climb: they turn an image to one side while that agrees better, and look
// at the other side only if it does not.
//
// A batch needs turning only if that pays: Poses.Worthwhile compares the
// agreement of the turned images with that of the images as they lie. Of a large
// batch a sample is refined first, and where it does not pay there, that is all.
//
// The method and its constants are our choice; MuSc and CoDeGraph compare
// images as they lie.
package pose
