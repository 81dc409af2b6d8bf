package plant

import (
	"fmt"
	"slices"
	"strings"
)

// Kind names what is planted.
type Kind string

// Defects.
const (
	Real     Kind = "real"     // cut out of a defective photograph
	Scratch  Kind = "scratch"  // a thin line, dark with a bright edge
	Stain    Kind = "stain"    // a soft, translucent blob with a darker rim
	Missing  Kind = "missing"  // a piece broken off the outline; a pit where there is none
	Misprint Kind = "misprint" // letters that do not belong there
	Spot     Kind = "spot"     // a small dark or bright blob
	Shifted  Kind = "shifted"  // a feature of the part at a wrong place
)

// Harmless changes.
const (
	Stamp  Kind = "stamp"  // the camera's date in a corner of the picture
	Light  Kind = "light"  // brighter on one side
	Finish Kind = "finish" // another colour and gloss of the part
	Pose   Kind = "pose"   // shifted and turned a little in the picture
	Mirror Kind = "mirror" // left and right exchanged
)

// Defects lists the kinds that Draw draws: all but Real.
func Defects() []Kind { return []Kind{Scratch, Stain, Missing, Misprint, Spot, Shifted} }

// Harmless lists the kinds that Alter makes.
func Harmless() []Kind { return []Kind{Stamp, Light, Finish, Pose, Mirror} }

// ParseKinds reads names of defects, separated by commas; "all" is Defects.
func ParseKinds(s string) ([]Kind, error) {
	if s == "all" {
		return Defects(), nil
	}
	var kinds []Kind
	for _, name := range strings.Split(s, ",") {
		k := Kind(strings.TrimSpace(name))
		if !slices.Contains(Defects(), k) {
			return nil, fmt.Errorf("there is no kind of defect %q; there are %s, and all", name, join(Defects()))
		}
		kinds = append(kinds, k)
	}
	return kinds, nil
}

func join(kinds []Kind) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return strings.Join(names, ", ")
}
