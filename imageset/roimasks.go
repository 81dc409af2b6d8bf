package imageset

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// WithMasks gives each image the region of interest that a mask in dir has for it:
// that of a/001.jpg is a/001_mask.png or a/001.png there, or either without a/.
// dir may lie within the folder of the images, whose masks are not images, or be
// that folder, where masks are named x_mask.
//
// An image without a mask keeps the region it has; without says how many there are.
// A mask that cannot be used is an error, and so is a folder without any.
func WithMasks(ctx context.Context, images Set, dir string) (out Set, without int, err error) {
	masks, _, err := Walk(ctx, []string{dir})
	if err != nil {
		return nil, 0, err
	}
	files, below := make(map[string]string, len(masks)), make(map[string]bool, len(masks)) // by name without extension; by path
	for _, m := range masks {
		files[stem(m.Name)], below[real(m.Path)] = m.Path, true
	}
	isBelow := func(it Item) bool { return it.Path != "" && below[real(it.Path)] }
	own := make(map[string]bool, len(images))
	if slices.ContainsFunc(images, func(it Item) bool { return !isBelow(it) }) {
		images = slices.DeleteFunc(slices.Clone(images), isBelow)
	}
	for _, it := range images {
		own[real(it.Path)] = it.Path != ""
	}
	used := make(map[string]bool)
	out = slices.Clone(images)
	for i := range out {
		file := maskOf(files, own, out[i].Name)
		if file == "" {
			without++
			continue
		}
		if out[i].ROI, err = LoadROI(ctx, file); err != nil {
			return nil, 0, fmt.Errorf("%s, the mask of %s: %w", file, out[i].Name, err)
		}
		used[real(file)] = true
	}
	if len(used) == 0 && len(images) > 0 {
		name := stem(images[0].Name)
		return nil, 0, fmt.Errorf("no image has a mask in %s: that of %s would be %s_mask.png or %[3]s.png", dir, images[0].Name, name)
	}
	out = slices.DeleteFunc(out, func(it Item) bool {
		isMask := it.Path != "" && used[real(it.Path)]
		if isMask && it.ROI == nil {
			without--
		}
		return isMask
	})
	return out, without, nil
}

func stem(name string) string { return strings.TrimSuffix(name, path.Ext(name)) }

func real(file string) string {
	if abs, err := filepath.Abs(file); err == nil {
		return abs
	}
	return file
}

// maskOf finds the file of an image's mask; "" if there is none. own are the files of
// the batch.
func maskOf(files map[string]string, own map[string]bool, image string) string {
	for name := stem(image); ; {
		if f, ok := files[name+"_mask"]; ok {
			return f
		}
		if f, ok := files[name]; ok && !own[real(f)] {
			return f
		}
		_, rest, nested := strings.Cut(name, "/")
		if !nested {
			return ""
		}
		name = rest
	}
}
