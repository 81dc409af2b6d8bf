// Package answer holds what a person says of the images and families of a
// batch, and the file that carries it from a page to a scan.
//
// An image is good, bad, or a reference: known to be good, so that what it
// shares with others is harmless. A family is a defect, harmless, or not a group.
// Families are known by their members: the IDs of a scan change with its images.
//
// docs/answers.md describes the file.
package answer
