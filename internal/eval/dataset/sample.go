package dataset

import (
	"fmt"
	"slices"
	"strings"

	"codegraph/imageset"
)

// Good is the type of samples that are not anomalous.
const Good = "good"

// Sample is one test image and its truth.
type Sample struct {
	Path      string
	Name      string // below the category, with forward slashes
	Type      string // Good or the type of defect
	Anomalous bool
	// Masks are files whose union marks the anomalous pixels. An anomalous
	// sample without any has no pixel truth.
	Masks []string

	legend *legend // nil: masks are binary
}

// HasPixelTruth reports whether it is known which pixels are anomalous.
func (s Sample) HasPixelTruth() bool { return !s.Anomalous || len(s.Masks) > 0 }

// Defect is an entry of defects_config.json of MVTec LOCO AD. A region counts
// as found when SaturationThreshold of its pixels, or that share of them if
// Relative, are.
type Defect struct {
	Name                string  `json:"defect_name"`
	PixelValue          int     `json:"pixel_value"`
	SaturationThreshold float64 `json:"saturation_threshold"`
	Relative            bool    `json:"relative_saturation"`
}

// Category is a test set.
type Category struct {
	Name    string
	Samples []Sample // by name
	Defects []Defect // of MVTec LOCO AD
	// Problems are files among the images that are none or cannot be read.
	Problems []imageset.Problem
	// Warnings say what is missing or odd, and what follows from it.
	Warnings []string
}

// Items returns the images without their truth, in the order of Samples.
func (c *Category) Items() imageset.Set {
	set := make(imageset.Set, len(c.Samples))
	for i, s := range c.Samples {
		set[i] = imageset.Item{Name: s.Name, Path: s.Path}
	}
	return set
}

// Labels returns which samples are anomalous.
func (c *Category) Labels() []bool {
	labels := make([]bool, len(c.Samples))
	for i, s := range c.Samples {
		labels[i] = s.Anomalous
	}
	return labels
}

// Types returns the types of defects, sorted.
func (c *Category) Types() []string {
	var types []string
	for _, s := range c.Samples {
		if s.Anomalous {
			types = append(types, s.Type)
		}
	}
	slices.Sort(types)
	return slices.Compact(types)
}

// Count returns the number of good samples, of anomalous ones, and of those
// anomalous ones that have masks.
func (c *Category) Count() (good, anomalous, masked int) {
	for _, s := range c.Samples {
		switch {
		case !s.Anomalous:
			good++
		case len(s.Masks) > 0:
			masked++
			fallthrough
		default:
			anomalous++
		}
	}
	return good, anomalous, masked
}

// maxWarnings is how many warnings of a kind are kept.
const maxWarnings = 10

// builder collects a category.
type builder struct {
	Category
	missing []string // warnings of defective images without mask
	kinds   []string
	count   map[string]int
}

// warn adds a warning; those of a kind are counted together.
func (b *builder) warn(kind, format string, args ...any) {
	if b.count == nil {
		b.count = make(map[string]int)
	}
	if b.count[kind]++; b.count[kind] == 1 {
		b.kinds = append(b.kinds, kind)
	}
	if b.count[kind] <= maxWarnings {
		b.Warnings = append(b.Warnings, fmt.Sprintf(format, args...))
	}
}

// noMask notes that an anomalous sample has no pixel truth.
func (b *builder) noMask(name, why string) {
	b.missing = append(b.missing, fmt.Sprintf("%s: %s; the image has no pixel truth", name, why))
}

// finish orders the samples and says what the category lacks.
func (b *builder) finish() *Category {
	slices.SortFunc(b.Samples, func(x, y Sample) int { return strings.Compare(x.Name, y.Name) })
	good, anomalous, masked := b.Count()
	if anomalous > 1 && masked == 0 {
		b.warn("", "none of the %d defective images has a mask: only images can be judged, not pixels (%s)", anomalous, b.missing[0])
	} else {
		for _, m := range b.missing {
			b.warn("defective images without mask", "%s", m)
		}
	}
	switch {
	case good+anomalous == 0:
		b.warn("", "no test images: there is nothing to judge")
	case good == 0:
		b.warn("", "no good test images: AUROC is not defined without them")
	case anomalous == 0:
		b.warn("", "no defective test images: AUROC is not defined without them")
	}
	for _, kind := range b.kinds {
		if n := b.count[kind] - maxWarnings; kind != "" && n > 0 {
			b.Warnings = append(b.Warnings, fmt.Sprintf("%s: %d more", kind, n))
		}
	}
	return &b.Category
}
