package outdir

import (
	"path/filepath"
	"slices"
	"strings"

	"codegraph/imageset"
)

// Exclude drops from a batch the maps, masks, overlays and contact sheets of earlier
// runs, so that a folder that holds both photographs and an output can be
// scanned again. A file counts as such if it lies in one of the folders Write
// makes, beside a results.json of ours; Input is not one of them.
func Exclude(images imageset.Set) (kept imageset.Set, dropped int) {
	outputs := map[string]bool{}
	for _, item := range images {
		if item.Path != "" && written(item.Path, outputs) {
			dropped++
			continue
		}
		kept = append(kept, item)
	}
	return kept, dropped
}

// written reports whether Write made the file; outputs remembers which
// folders IsOutput holds for.
func written(file string, outputs map[string]bool) bool {
	file, err := filepath.Abs(file)
	if err != nil {
		return false
	}
	// below is the element of the path right below dir.
	below := filepath.Base(file)
	for dir := filepath.Dir(file); ; dir = filepath.Dir(dir) {
		if strings.HasPrefix(below, stagePrefix) {
			return true
		}
		if slices.Contains(folders, below) {
			is, known := outputs[dir]
			if !known {
				is = IsOutput(dir)
				outputs[dir] = is
			}
			if is {
				return true
			}
		}
		if dir == filepath.Dir(dir) {
			return false
		}
		below = filepath.Base(dir)
	}
}
