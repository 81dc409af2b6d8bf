package rehearse

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"codegraph/internal/plant"
)

// Config says what to rehearse.
type Config struct {
	Kinds []plant.Kind // defects that are drawn
	// Sizes are the sizes of drawn defects in pixels of the photographs; nil:
	// 1/50, 1/25, 1/12 and 1/6 of the side of a square of the part's area.
	Sizes []float64
	// Shares of the photographs that a recurring defect is on.
	Shares []float64
	// Repeats is how many rare defects of each kind and size are planted, and
	// how many batches there are of each kind and share.
	Repeats int
	Seed    uint64
	Threads int
}

// DefaultConfig takes some minutes for 40 photographs.
func DefaultConfig() Config {
	return Config{Kinds: plant.Defects(), Shares: []float64{0.15, 0.3}, Repeats: 2}
}

// ErrConfig is wrapped by errors about what cannot be rehearsed.
var ErrConfig = errors.New("this cannot be rehearsed")

// Fewest is the number of photographs that a rehearsal needs.
const Fewest = 12

// Check finds what is wrong with the settings.
func (c Config) Check() error {
	for _, s := range c.Sizes {
		if !(s >= 2) {
			return fmt.Errorf("%w: defects of %g pixels; at least 2 can be drawn", ErrConfig, s)
		}
	}
	for _, s := range c.Shares {
		if !(s > 0 && s <= 0.5) {
			return fmt.Errorf("%w: a defect on a share of %g of the photographs; it must be above 0 and at most 0.5", ErrConfig, s)
		}
	}
	for _, k := range c.Kinds {
		if !slices.Contains(plant.Defects(), k) {
			return fmt.Errorf("%w: there is no kind of defect %q to draw", ErrConfig, k)
		}
	}
	if c.Repeats < 1 {
		return fmt.Errorf("%w: %d repeats; there must be one", ErrConfig, c.Repeats)
	}
	return nil
}

// defect is what is planted: drawn, or the real one of this index.
type defect struct {
	kind plant.Kind
	size float64 // pixels of the photographs; 0 for a real one
	real int
}

// trial is one batch.
type trial struct {
	seed     uint64
	rare     []defect // each on a photograph of its own
	recurs   *defect
	harmless plant.Kind // "" for none
	share    float64    // of what recurs
}

// harmlessShare is the share of the photographs of a harmless change.
const harmlessShare = 0.3

// changes are those rehearsed: a mirrored part is a defect of many parts.
var changes = []plant.Kind{plant.Stamp, plant.Light, plant.Finish, plant.Pose}

// plan lists the trials for n photographs and so many real defects. scale is
// the side of a square of the part's area.
func (c Config) plan(n, reals int, scale float64) []trial {
	sizes := c.sizes(scale)
	var rare, recurring []defect
	for range c.Repeats {
		for _, k := range c.Kinds {
			for _, s := range sizes {
				rare = append(rare, defect{k, s, -1})
			}
		}
		for r := range reals {
			rare = append(rare, defect{plant.Real, 0, r})
		}
	}
	rng := rand.New(rand.NewPCG(c.Seed, 1))
	rng.Shuffle(len(rare), func(i, j int) { rare[i], rare[j] = rare[j], rare[i] })
	trials := []trial{{}}
	for some := range slices.Chunk(rare, max(n/8, 1)) {
		trials = append(trials, trial{rare: some})
	}
	// Recurring defects have the middle sizes in turn.
	for r := range c.Repeats {
		for k, kind := range c.Kinds {
			recurring = append(recurring, defect{kind, sizes[(len(sizes)/2+(k+r)%2)%len(sizes)], -1})
		}
	}
	for r := range min(reals, 4*c.Repeats) {
		recurring = append(recurring, defect{plant.Real, 0, r})
	}
	for i := range recurring {
		for _, share := range c.Shares {
			trials = append(trials, trial{recurs: &recurring[i], share: share})
		}
	}
	for _, k := range changes {
		trials = append(trials, trial{harmless: k, share: harmlessShare})
	}
	for i := range trials {
		trials[i].seed = c.Seed*100_003 + uint64(i)
	}
	return trials
}

// sizes of drawn defects, in pixels.
func (c Config) sizes(scale float64) []float64 {
	if len(c.Sizes) > 0 {
		return slices.Sorted(slices.Values(c.Sizes))
	}
	var all []float64
	for _, part := range []float64{50, 25, 12, 6} {
		all = append(all, max(math.Round(scale/part), 2))
	}
	return slices.Compact(all)
}
