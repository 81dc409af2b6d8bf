package imageset

import (
	"errors"
	"fmt"
	"image"
)

// Item names one image of a batch. Exactly one of Path and Pixels is set.
type Item struct {
	// Name identifies the image in results. It is unique within a Set and
	// uses forward slashes on every system.
	Name string
	// Path is the file the image is read from.
	Path string
	// Page is which image of the file is meant, from 0: TIFF files may hold several.
	Page int
	// Intensity is the scale of samples of 16 bits and more.
	Intensity Intensity
	// Pixels is the decoded image of an in-memory item.
	Pixels image.Image
	// Crop is the part of the image that is meant, in pixels of the upright
	// image; empty for all of it.
	Crop image.Rectangle
	// ROI is the region of what is meant that is compared; nil for all of it.
	ROI *ROI
}

// Set is the batch: the images that are compared with each other, in the
// order in which results index them.
type Set []Item

// Problem reports one input that could not be used.
type Problem struct {
	Name string // item or file concerned
	Err  error  // what was wrong and, where possible, what to do
}

func (p Problem) Error() string {
	if errors.Is(p.Err, ErrKind) || errors.Is(p.Err, ErrOther) {
		return fmt.Sprintf("%s %v", p.Name, p.Err) // "3 files of kinds …"
	}
	return fmt.Sprintf("%s: %v", p.Name, p.Err)
}

// Unwrap returns the cause.
func (p Problem) Unwrap() error { return p.Err }
