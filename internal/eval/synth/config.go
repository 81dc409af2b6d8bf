package synth

import (
	"fmt"
	"math"
	"strings"
)

// Kind names what is rendered.
type Kind string

const (
	// Washer is a turned flange with bolt holes and a stamp, aligned to a
	// few pixels, on a conveyor belt.
	Washer Kind = "washer"
	// Fabric is a twill that fills the image, with a free phase.
	Fabric Kind = "fabric"
	// Bracket is an L-shaped sheet part, rotated by any angle, that comes
	// with two finishes.
	Bracket Kind = "bracket"
)

// Kinds lists the kinds there are.
func Kinds() []Kind { return []Kind{Washer, Fabric, Bracket} }

// Limits and defaults of Config.
const (
	defaultSize = 320
	minSize     = 64
	maxSize     = 8192
	maxImages   = 100000 // of each group
	// NoVariant as Config.VariantShare asks for no second variant where the
	// kind has one by default.
	NoVariant = -1.0
)

// Config describes a batch.
type Config struct {
	Kind Kind
	// Size is the side of the square images in pixels; 0: DefaultSize. A
	// larger image shows the same part with more detail.
	Size int
	Seed uint64
	Good int // good parts
	Rare int // parts with a defect of their own
	// Recurring counts parts with one and the same defect, which Seed
	// chooses.
	Recurring int
	// VariantShare is the share of all parts, good and defective alike, that
	// are the harmless second variant. 0: the kind's default, which is none
	// for Washer and Fabric and 0.3 for Bracket; NoVariant: none.
	VariantShare float64
	// Threads bounds the images rendered at a time; 0: all cores. It does
	// not change them.
	Threads int
}

// Validate reports the first setting that Render would refuse.
func (c Config) Validate() error {
	if _, err := lookup(c.Kind); err != nil {
		return err
	}
	if c.Size != 0 && (c.Size < minSize || c.Size > maxSize) {
		return fmt.Errorf("size %d: must be between %d and %d pixels", c.Size, minSize, maxSize)
	}
	for _, n := range []struct {
		name  string
		value int
	}{{"good", c.Good}, {"rare", c.Rare}, {"recurring", c.Recurring}, {"threads", c.Threads}} {
		if n.value < 0 {
			return fmt.Errorf("%s %d: must not be negative", n.name, n.value)
		}
	}
	if c.Good > maxImages || c.Rare > maxImages || c.Recurring > maxImages {
		return fmt.Errorf("good %d, rare %d, recurring %d: at most %d images each", c.Good, c.Rare, c.Recurring, maxImages)
	}
	if c.Good+c.Rare+c.Recurring == 0 {
		return fmt.Errorf("good, rare and recurring are all 0: nothing to render")
	}
	if s := c.VariantShare; s != NoVariant && !(s >= 0 && s <= 1) {
		return fmt.Errorf("variant share %v: must be between 0 and 1, or NoVariant", s)
	}
	return nil
}

// withDefaults fills in what is zero. c must be valid.
func (c Config) withDefaults(k *kind) Config {
	if c.Size == 0 {
		c.Size = defaultSize
	}
	if c.VariantShare == 0 {
		c.VariantShare = k.variantShare
	}
	c.VariantShare = math.Max(c.VariantShare, 0)
	return c
}

// kind is how a Kind is drawn.
type kind struct {
	name         Kind
	variantShare float64
	rare         []string // types of one-off defects, taken in turn
	scene        func(s spec) scene
}

var kinds = []kind{washerKind, fabricKind, bracketKind}

func lookup(name Kind) (*kind, error) {
	names := make([]string, len(kinds))
	for i := range kinds {
		if kinds[i].name == name {
			return &kinds[i], nil
		}
		names[i] = string(kinds[i].name)
	}
	return nil, fmt.Errorf("kind %q: must be one of %s", name, strings.Join(names, ", "))
}
