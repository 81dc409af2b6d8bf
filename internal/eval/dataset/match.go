package dataset

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"codegraph/imageset"
)

// Match labels images by the masks below dir: anomalous is an image whose
// masks mark a pixel, good one without. The masks of a/b/001.jpg are
// a/b/001_mask.png, a/b/001.png or all files in a/b/001; where there are none,
// b/001 and then 001 are tried. A mask that fits two images or cannot be read
// is an error, and so is a folder whose masks fit no image.
func Match(ctx context.Context, images imageset.Set, dir string) (*Category, error) {
	b := &builder{Category: Category{Name: baseName(dir)}}
	ix := newMaskIndex()
	set, err := walk(ctx, dir, b)
	if err != nil {
		return nil, fmt.Errorf("masks: %w", err)
	}
	for _, it := range set {
		ix.add(it.Name, it.Path)
	}
	of := make(map[string]string) // the image that a mask belongs to
	for _, it := range images {
		masks := ix.below(it.Name)
		for _, m := range masks {
			if other, taken := of[m]; taken {
				return nil, fmt.Errorf("masks: %s fits both %s and %s: put it into a folder of the image's name", m, other, it.Name)
			}
			of[m] = it.Name
		}
		if err := b.label(ctx, it, masks); err != nil {
			return nil, fmt.Errorf("%s: %w", it.Name, err)
		}
	}
	if len(of) == 0 && len(images) > 0 {
		name := images[0].Name
		return nil, fmt.Errorf("masks: no image has one in %s: that of %s would be %s_mask.png or %[2]s", dir, name, stem(name))
	}
	for _, it := range set {
		if of[it.Path] == "" {
			b.warn("masks without image", "%s: the mask belongs to no image; passed over", it.Path)
		}
	}
	return b.finish(), nil
}

// below finds the masks of an image by its name, then by the name without
// leading folders.
func (ix *maskIndex) below(name string) []string {
	for {
		if masks := ix.find(name); len(masks) > 0 {
			return masks
		}
		_, rest, nested := strings.Cut(name, "/")
		if !nested {
			return nil
		}
		name = rest
	}
}

// label adds an image with its masks.
func (b *builder) label(ctx context.Context, it imageset.Item, masks []string) error {
	s := Sample{Path: it.Path, Name: it.Name, Type: Good}
	for _, file := range masks {
		m, err := readMask(ctx, file, imageset.DefaultLimits)
		if err != nil {
			return err
		}
		if slices.Contains(m.on, true) {
			s.Type, s.Anomalous, s.Masks = "defect", true, append(s.Masks, file)
		}
	}
	b.Samples = append(b.Samples, s)
	return nil
}
