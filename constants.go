package codegraph

// Constants are the numbers of the algorithm. DefaultConstants gives the
// values that docs/ablation.md settled on.
type Constants struct {
	// Neighbours is the share of the other images, the nearest ones, that a
	// patch's score averages over (0.3 in MuSc).
	Neighbours float64
}

// DefaultConstants returns the defaults.
func DefaultConstants() Constants { return Constants{Neighbours: 0.3} }

// Param describes one constant for command lines and configuration files.
type Param struct {
	Name  string // flag name, e.g. "neighbours"
	Usage string
	Value *float64
}

// Params lists the constants of c; setting *Value sets the field.
func (c *Constants) Params() []Param {
	return []Param{
		{"neighbours", "share of the nearest other images a score averages over", &c.Neighbours},
	}
}
