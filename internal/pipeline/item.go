package pipeline

import (
	"slices"

	"codegraph/imageset"
)

// Role says what an item is there for.
type Role uint8

const (
	// RoleScored items are scored, and all others are compared with them.
	RoleScored Role = iota
	// RoleQuery items are scored against the gallery, the scored items and the
	// references; nothing is compared with them.
	RoleQuery
	// RoleReference items are not scored; all others are compared with them.
	RoleReference
)

// Item is an input of a run: an image, or a tile of one. Every stage knows it
// by its index; its name is for people.
type Item struct {
	imageset.Item
	Index int // in the list of all items
	Role  Role
	Image int // which of the images (of the references, for one) it shows
	Tile  int // which tile of that; 0 for the whole image
}

// NewItems lists the images that are scored and, after them, the references. A
// file that is scored is not a reference: it would find itself.
func NewItems(images, references imageset.Set) []Item {
	scored := make(map[string]bool, len(images))
	items := make([]Item, 0, len(images)+len(references))
	for i, it := range images {
		scored[it.Path] = it.Path != ""
		items = append(items, Item{Item: it, Index: len(items), Image: i})
	}
	for i, it := range references {
		if !scored[it.Path] {
			items = append(items, Item{Item: it, Index: len(items), Role: RoleReference, Image: i})
		}
	}
	return items
}

// Label names the item in messages.
func (it *Item) Label() string {
	if it.Role == RoleReference {
		return it.Name + ", a reference"
	}
	return it.Name
}

// groups numbers the images that the items of a batch show: tiles of one image
// are not compared with each other. It is nil if no two show the same.
func groups(b *Batch) []int {
	out := make([]int, len(b.Images))
	for k, im := range b.Images {
		if out[k] = im.Image; im.Role == RoleReference {
			out[k] = -1 - im.Image
		}
	}
	sorted := slices.Clone(out)
	slices.Sort(sorted)
	if len(slices.Compact(sorted)) == len(out) {
		return nil
	}
	return out
}

// Skipped is an item that could not be read.
type Skipped struct {
	Item Item
	Err  error
}

// Problem is s as the result has it.
func (s Skipped) Problem() imageset.Problem {
	return imageset.Problem{Name: s.Item.Label(), Err: s.Err}
}
