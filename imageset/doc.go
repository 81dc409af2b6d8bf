// Package imageset finds, reads and prepares the images of a batch.
//
// Walk turns files and folders into a Set of named Items. Load decodes one as 8-bit
// RGB, upright; docs/inputs.md lists the kinds. The size in the header is checked first,
// so that a small file cannot ask for gigabytes. Resize is PIL's bicubic filter with
// antialiasing, which the published figures of the field rest on; Tensor adds the
// backbone's normalisation.
//
// What cannot be used is described by a Problem; errors.Is tells ErrNotImage,
// ErrTooLarge and ErrTruncated apart.
package imageset
