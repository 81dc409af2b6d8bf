package beds

import (
	"fmt"
	"math"
	"math/rand/v2"

	"codegraph/internal/plant"
)

// Version is raised when a bed's pixels change.
const Version = 2

// Split says what a bed may be used for.
type Split string

const (
	Tuning  Split = "tuning"
	HeldOut Split = "held-out"
)

// Purpose says what a bed tests.
type Purpose string

const (
	// Recurring beds have one defect on a share of the parts.
	Recurring Purpose = "recurring"
	// Harmless beds have a harmless change on a share of the parts.
	Harmless Purpose = "harmless"
	// Nothing beds have nothing that recurs.
	Nothing Purpose = "nothing"
)

// Bed describes a batch.
type Bed struct {
	Name    string
	Set     string // of photographs
	Split   Split
	Seed    uint64
	N       int // photographs
	Purpose Purpose
	Kind    plant.Kind // what recurs; "" for Nothing
	Share   float64    // of the photographs that it recurs on
	Rare    int        // photographs with a defect of their own
	// Also is a harmless change on three in ten photographs of a recurring
	// bed, "" for none.
	Also plant.Kind
	// Size is that of the recurring defect, in sides of a square of the part's
	// area; 0 for Real, which has its own.
	Size     float64
	Strength float64
	Anywhere bool // each copy is at another place
}

// Copies is how many photographs what recurs is on.
func (b Bed) Copies() int {
	if b.Purpose == Nothing {
		return 0
	}
	return int(math.Round(b.Share * float64(b.N)))
}

// sets are the photographs that beds are made of. A mirrored tile is harmless;
// a mirrored print or thread is not.
var sets = []struct {
	name        string
	least, most int // photographs of a bed
	heldOut     bool
	defects     []plant.Kind // in turn
	changes     []plant.Kind
	scale       float64 // of the defects' sizes
	anywhere    bool    // half of the recurring defects
}{
	{"bottle", 20, 20, true, withReal, []plant.Kind{plant.Stamp, plant.Light, plant.Finish, plant.Pose}, 1, false},
	{"magnetic_tile", 24, 60, false, withReal, []plant.Kind{plant.Stamp, plant.Light, plant.Finish, plant.Mirror}, 1, true},
	{"metal_nut", 20, 60, false, plant.Defects(), []plant.Kind{plant.Stamp, plant.Light, plant.Finish, plant.Pose}, 1, false},
	{"pill", 20, 26, false, withReal, []plant.Kind{plant.Stamp, plant.Light, plant.Finish, plant.Pose}, 1, false},
	{"screw", 24, 41, true, withReal, []plant.Kind{plant.Stamp, plant.Light, plant.Finish, plant.Pose}, 1.6, false},
}

var withReal = []plant.Kind{plant.Real, plant.Scratch, plant.Stain, plant.Real, plant.Missing, plant.Spot, plant.Real, plant.Misprint, plant.Shifted}

// ofEach is the number of beds of each set.
const ofEach = 64

// shares of the photographs that a defect recurs on.
var shares = []float64{0.2, 0.1, 0.3, 0.15, 0.4, 0.25}

// sizes of defects: from, to, in sides of a square of the part's area.
var sizes = map[plant.Kind][2]float64{
	plant.Spot:     {0.05, 0.12},
	plant.Stain:    {0.12, 0.24},
	plant.Scratch:  {0.2, 0.45},
	plant.Missing:  {0.09, 0.2},
	plant.Misprint: {0.18, 0.3},
	plant.Shifted:  {0.12, 0.22},
}

// All lists all beds, by set.
func All() (all []Bed) {
	for s, set := range sets {
		recurring, harmless := 0, 0
		for k := range ofEach {
			rng := rand.New(rand.NewPCG(uint64(s*1000+k), 1))
			b := Bed{Set: set.name, Seed: uint64(s*1000 + k), N: set.least + rng.IntN(set.most-set.least+1), Split: HeldOut, Rare: rng.IntN(4)}
			if !set.heldOut && k%2 == 0 {
				b.Split = Tuning
			}
			// In pairs, so that tuning and held-out beds have the same mixture.
			switch turn := k / 2 % 12; {
			case turn%4 == 3:
				b.Purpose, b.Share = Harmless, span(rng, 0.2, 0.4)
				b.Kind = set.changes[harmless/2%len(set.changes)]
				harmless++
			case turn == 4 || turn == 10:
				b.Purpose = Nothing
			default:
				b.recur(set.defects, recurring, s, rng)
				b.Size *= set.scale
				b.Anywhere = set.anywhere && rng.IntN(2) == 0
				if rng.IntN(6) == 0 {
					b.Also = []plant.Kind{plant.Stamp, plant.Light, plant.Finish}[rng.IntN(3)]
				}
				recurring++
			}
			b.Name = b.name(k)
			all = append(all, b)
		}
	}
	return all
}

// recur sets the n-th recurring defect of the set of this index: kinds and
// shares in turn, every share for every kind over the sets.
func (b *Bed) recur(kinds []plant.Kind, n, set int, rng *rand.Rand) {
	b.Purpose = Recurring
	b.Kind = kinds[n/2%len(kinds)]
	b.Share = shares[(n/2+n/18+n%2*3+set)%len(shares)]
	for i := 0; b.Copies() < 3; i++ { // two of a kind are a coincidence
		b.Share = []float64{0.15, 0.2}[i]
	}
	size := sizes[b.Kind]
	b.Size, b.Strength = span(rng, size[0], size[1]), span(rng, 0.45, 1)
}

func (b *Bed) name(k int) string {
	switch b.Purpose {
	case Nothing:
		return fmt.Sprintf("%s-%02d-nothing", b.Set, k)
	case Harmless:
		return fmt.Sprintf("%s-%02d-harmless-%s", b.Set, k, b.Kind)
	}
	return fmt.Sprintf("%s-%02d-%s-%.0f", b.Set, k, b.Kind, 100*b.Share)
}

func span(rng *rand.Rand, from, to float64) float64 { return from + (to-from)*rng.Float64() }
