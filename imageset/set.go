package imageset

import (
	"fmt"
	"image"
)

// FromImages makes a set of decoded images; names must be unique.
func FromImages(names []string, images []image.Image) (Set, error) {
	if len(names) != len(images) {
		return nil, fmt.Errorf("%d names for %d images", len(names), len(images))
	}
	seen := make(map[string]bool, len(names))
	set := make(Set, len(names))
	for i, name := range names {
		if seen[name] {
			return nil, fmt.Errorf("the name %q occurs twice", name)
		}
		seen[name] = true
		set[i] = Item{Name: name, Pixels: images[i]}
	}
	return set, nil
}
