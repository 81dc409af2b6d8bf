package rehearse

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"

	"codegraph/imageset"
	"codegraph/internal/plant"
)

// side is the longest side that photographs are rehearsed at, in pixels:
// about twice what networks see. Larger ones are reduced.
const side = 1024

// Photographs are what is planted on, and real defects to plant.
type Photographs struct {
	Names   []string
	Notes   []string // what could not be used, and why
	parts   []*plant.Part
	defects []*plant.Defect
	// reduced is how many pixels of a photograph one pixel here is.
	reduced float64
}

// Defective is a photograph of a defective part, and where the defect is.
type Defective struct {
	Item imageset.Item
	// Mask marks the defect, [H][W], at a size of the photograph; nil: Box does.
	Mask func(ctx context.Context, w, h int) ([]bool, error)
	// Box holds the defect, as shares of width and height.
	Box Box
}

// Box is a part of a photograph, in shares of its width and height.
type Box struct{ X0, Y0, X1, Y1 float64 }

// Read reads photographs of good parts and of defective ones, finds the parts
// and cuts out the defects. It fails if one of the good cannot be read. roi is where
// defects are planted and the part is what lies inside; nil: on the part that is found.
func Read(ctx context.Context, good imageset.Set, defective []Defective, roi *imageset.ROI, limits imageset.Limits, threads int) (*Photographs, error) {
	if len(good) < Fewest {
		return nil, fmt.Errorf("%w: %d photographs of good parts; at least %d are needed", ErrConfig, len(good), Fewest)
	}
	p := &Photographs{}
	images := make([]*image.NRGBA, 0, len(good)+len(defective))
	for _, it := range good {
		img, reduced, err := load(ctx, it, limits)
		if err != nil {
			return nil, err
		}
		p.reduced = max(p.reduced, reduced)
		p.Names, images = append(p.Names, it.Name), append(images, img)
	}
	for _, d := range defective {
		img, _, err := load(ctx, d.Item, limits)
		if err != nil {
			return nil, err
		}
		images = append(images, img)
	}
	var masks [][]bool
	if roi != nil {
		for _, img := range images {
			masks = append(masks, roi.Inside(img.Rect.Dy(), img.Rect.Dx()))
		}
	}
	parts, err := plant.NewParts(ctx, images, masks, threads)
	if err != nil {
		return nil, err
	}
	p.parts = parts[:len(good)]
	for i, d := range defective {
		if err := p.cut(ctx, parts[len(good)+i], d); err != nil {
			return nil, err
		}
	}
	if len(defective) > 0 && len(p.defects) == 0 {
		return nil, fmt.Errorf("%w: none of the defects can be cut out: %s", ErrConfig, p.Notes[0])
	}
	return p, nil
}

// cut cuts out one defect; what cannot be cut out is noted.
func (p *Photographs) cut(ctx context.Context, part *plant.Part, d Defective) error {
	w, h := part.Image.Rect.Dx(), part.Image.Rect.Dy()
	var mask []bool
	if d.Mask == nil {
		fw, fh := float64(w), float64(h)
		mask = plant.Within(part, image.Rect(int(d.Box.X0*fw), int(d.Box.Y0*fh), int(math.Ceil(d.Box.X1*fw)), int(math.Ceil(d.Box.Y1*fh))))
	} else {
		var err error
		if mask, err = d.Mask(ctx, w, h); err != nil {
			return err
		}
	}
	defect, err := plant.Cut(part, mask, d.Item.Name)
	if errors.Is(err, plant.ErrCut) {
		p.Notes = append(p.Notes, err.Error())
		return nil
	}
	if err == nil {
		p.defects = append(p.defects, defect)
	}
	return err
}

func load(ctx context.Context, it imageset.Item, limits imageset.Limits) (img *image.NRGBA, reduced float64, err error) {
	p, err := imageset.Load(ctx, it, limits)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", it.Name, err)
	}
	most := max(p.Width, p.Height)
	if most <= side {
		return p.Image, 1, nil
	}
	return imageset.Resize(p.Image, max(p.Width*side/most, 1), max(p.Height*side/most, 1), imageset.Bicubic), float64(most) / side, nil
}

// scale is the median side of a square of the parts' area, in pixels of the
// photographs.
func (p *Photographs) scale() float64 {
	sum := 0.0
	for _, part := range p.parts {
		sum += math.Log(part.Scale())
	}
	return math.Exp(sum/float64(len(p.parts))) * p.reduced
}
