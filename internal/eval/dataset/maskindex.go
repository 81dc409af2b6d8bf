package dataset

import (
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// maskIndex finds the masks of images by name.
type maskIndex struct {
	roots  []string
	keys   []string            // of the samples, TYPE/NAME.EXT, in their order
	byStem map[string][]string // TYPE/NAME → files
	byDir  map[string][]string // TYPE/NAME → files in the folder of that name
	names  []string            // of all masks, in the order of adding
	path   map[string]string
}

func newMaskIndex() *maskIndex {
	return &maskIndex{byStem: make(map[string][]string), byDir: make(map[string][]string), path: make(map[string]string)}
}

// stem is name without its extension.
func stem(name string) string { return strings.TrimSuffix(name, path.Ext(name)) }

// add takes the mask at file, whose name below the truth is name.
func (ix *maskIndex) add(name, file string) {
	ix.byStem[stem(name)] = append(ix.byStem[stem(name)], file)
	ix.byDir[path.Dir(name)] = append(ix.byDir[path.Dir(name)], file)
	ix.names = append(ix.names, name)
	ix.path[name] = file
}

// find returns the masks of the image at key: NAME_mask, NAME, or all in the
// folder NAME. Of files that differ in their extension one is taken, the
// image's own extension first.
func (ix *maskIndex) find(key string) []string {
	name := stem(key)
	for _, suffix := range []string{"_mask", ""} {
		files := ix.byStem[name+suffix]
		i := slices.IndexFunc(files, func(f string) bool { return strings.EqualFold(path.Ext(filepath.ToSlash(f)), path.Ext(key)) })
		if len(files) > 0 {
			return []string{files[max(i, 0)]}
		}
	}
	return ix.byDir[name]
}

// assign gives the samples of b, which are those of ix.keys, their masks. In
// a flat folder of masks, a name that several types have stands for none.
func (ix *maskIndex) assign(b *builder, flat bool) {
	times := make(map[string]int)
	for i, key := range ix.keys {
		if b.Samples[i].Anomalous {
			times[stem(path.Base(key))]++
		}
	}
	used := make(map[string]bool)
	for i, key := range ix.keys {
		s := &b.Samples[i]
		if !s.Anomalous {
			continue
		}
		s.Masks = ix.find(key)
		if base := path.Base(key); flat && len(s.Masks) == 0 && times[stem(base)] == 1 {
			s.Masks = ix.find(base)
		}
		if len(s.Masks) == 0 {
			b.noMask(s.Name, ix.lookedFor(key))
		}
		for _, m := range s.Masks {
			used[m] = true
		}
	}
	for _, name := range ix.names {
		if top, _, _ := strings.Cut(name, "/"); !used[ix.path[name]] && !contains(goodNames, top) {
			b.warn("masks without image", "%s: the mask belongs to no defective image; passed over", filepath.ToSlash(ix.path[name]))
		}
	}
}

func (ix *maskIndex) lookedFor(key string) string {
	if len(ix.roots) == 0 {
		return "there is no folder of masks"
	}
	name := path.Join(filepath.ToSlash(ix.roots[0]), stem(key))
	return "its mask is missing, neither " + name + "_mask.png nor " + name + ".png is there"
}
