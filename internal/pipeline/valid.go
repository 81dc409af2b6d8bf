package pipeline

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"slices"

	"codegraph/imageset"
	"codegraph/internal/mutual"
	"codegraph/internal/option"
	"codegraph/internal/pose"
)

// A patch is valid if it shows a part of the image that is to be compared: not the
// padding around an image that was rotated, and not what lies outside of its
// region of interest.

// validPatches marks, on a grid of h × w, those of an image with a region that was
// rotated by angle; nil: all are.
func validPatches(roi *imageset.ROI, h, w int, angle float64) []bool {
	if roi == nil && angle == 0 {
		return nil
	}
	inside := slices.Repeat([]bool{true}, h*w)
	if roi != nil {
		inside = roi.Inside(h, w)
	}
	if angle == 0 {
		return inside
	}
	out := make([]bool, h*w)
	for p := range out {
		q := pose.ToOriginal(p, h, w, angle)
		out[p] = q >= 0 && inside[q]
	}
	return out
}

// matched marks the patches of a batch that others may match; nil: all. What lies
// outside of a region is matched by nothing. Without regions the padding around
// rotated images may be: it goes on as the image does at its border.
func (b *Batch) matched() mutual.Valid {
	if !b.Regions {
		return nil
	}
	return b.valid()
}

// valid marks the patches of a batch that are compared.
func (b *Batch) valid() mutual.Valid {
	out := make(mutual.Valid, len(b.Images))
	for i, im := range b.Images {
		out[i] = im.Valid
	}
	return out
}

// maskInvalid makes distances and scores of patches 0 that are not valid, or that no valid
// patch of another image may match. The scores are those of the images of rows.
func maskInvalid(rows *mutual.Rows, musc [][]float32, valid mutual.Valid) {
	for k, scores := range musc {
		i := rows.First + k
		for p, score := range scores {
			if of := valid[i]; of != nil && !of[p] || score > math.MaxFloat32 {
				clear(rows.Row(i, p))
				rows.Row(i, p)[i] = float32(math.Inf(1))
				scores[p] = 0
			}
		}
	}
}

// errOutside: nothing of an image would be compared.
var errOutside = errors.New("its region of interest covers less than half of every patch: enlarge the region, or choose a larger --grid")

// checkRegion returns an error where a whole image has no valid patch. A tile may.
func checkRegion(it Item, valid []bool) error {
	if valid != nil && it.Crop.Empty() && !slices.Contains(valid, true) {
		return errOutside
	}
	return nil
}

// regionWarning says that a mask does not have the form of the image.
func regionWarning(roi *imageset.ROI, p *imageset.Picture) []string {
	if roi == nil || roi.Aspect() == 0 {
		return nil
	}
	if r := roi.Aspect() * float64(p.Height) / float64(p.Width); math.Abs(math.Log(r)) < 0.05 {
		return nil
	}
	return []string{fmt.Sprintf("is %d × %d, and the mask of its region of interest has another form: it is stretched", p.Width, p.Height)}
}

// contentOf tells apart what is seen of pictures.
func contentOf(p *imageset.Picture, roi *imageset.ROI) [sha256.Size]byte {
	if roi == nil {
		return p.Digest
	}
	region := roi.Digest()
	return sha256.Sum256(slices.Concat(p.Digest[:], region[:]))
}

// WithRegions gives the region of the options to images and references that have
// none of their own. One that a person drew comes first.
func WithRegions(images imageset.Set, o option.Options) (imageset.Set, option.Options) {
	if o.ROI = o.Answers.Region(o.ROI); o.ROI == nil {
		return images, o
	}
	o.References = inRegion(o.References, o.ROI)
	return inRegion(images, o.ROI), o
}

func inRegion(images imageset.Set, roi *imageset.ROI) imageset.Set {
	out := slices.Clone(images)
	for i := range out {
		if out[i].ROI == nil {
			out[i].ROI = roi
		}
	}
	return out
}
