package imageset

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"image"
	"slices"
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

// Duplicates groups the indices of equal digests, each group ascending,
// groups by their first index; what is unique is in none.
func Duplicates(digests [][sha256.Size]byte) [][]int {
	by := make(map[[sha256.Size]byte][]int)
	for i, d := range digests {
		by[d] = append(by[d], i)
	}
	var groups [][]int
	for _, g := range by {
		if len(g) > 1 {
			groups = append(groups, g)
		}
	}
	slices.SortFunc(groups, func(a, b []int) int { return cmp.Compare(a[0], b[0]) })
	return groups
}
