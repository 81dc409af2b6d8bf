package pipeline

import "codegraph/internal/family"

// Constants are the numbers of the algorithm; see DefaultConstants.
type Constants struct {
	Neighbours     float64
	Omega          float64
	Beta           float64
	Coverage       float64
	GammaQuantile  float64
	OutlierK       float64
	MinMembers     float64
	FilterQuantile float64
	MinLogRatio    float64
	RelLogRatio    float64
	MinGain        float64
	CandidateGain  float64
	MaxArea        float64
	MinSharpness   float64
	MinCoherence   float64
	NormalShare    float64
	OutlyingMargin float64
}

// DefaultConstants returns the defaults.
func DefaultConstants() Constants {
	return Constants{
		Neighbours: 0.3, Omega: 0.4, Beta: 1, Coverage: 0.95,
		GammaQuantile: 0.25, OutlierK: 0, MinMembers: 3,
		FilterQuantile: 99, MinLogRatio: 0.02, RelLogRatio: 0.25,
		MinGain: 0.12, CandidateGain: 0.3, MaxArea: 0.15, MinSharpness: 0.112, MinCoherence: 0.65,
		NormalShare: 0.3, OutlyingMargin: 1.1,
	}
}

// Param describes one constant for command lines and configuration files.
type Param struct {
	Name  string // flag name, e.g. "neighbours"
	Usage string
	Value *float64
	// Min and Max bound the values that make sense, ends included.
	Min, Max float64
}

// Params lists the constants of c; setting *Value sets the field.
func (c *Constants) Params() []Param {
	return []Param{
		{"neighbours", "share of the other images, the nearest, that a score averages over", &c.Neighbours, 0, 1},
		{"omega", "reference rank ω of the endurance ratio, as a share of the other images", &c.Omega, 0, 1},
		{"beta", "exponent β of the weighted endurance ratio", &c.Beta, 0, 10},
		{"coverage", "share of the images that the suspicious links must touch", &c.Coverage, 0, 1},
		{"gamma-quantile", "resolution γ of the communities, as a quantile of the edge weights", &c.GammaQuantile, 0, 1},
		{"outlier-k", "k of the density rule Q3 + k·IQR for suspicious communities", &c.OutlierK, 0, 1000},
		{"min-members", "smallest number of images in a family", &c.MinMembers, 2, 1e6},
		{"filter-percentile", "percentile of the dependence ratio elsewhere that guilty patches exceed", &c.FilterQuantile, 0, 100},
		{"min-log-ratio", "least logarithm of a guilty patch's dependence ratio", &c.MinLogRatio, 0, 10},
		{"rel-log-ratio", "least logarithm of a guilty patch's dependence ratio, as a share of the family's gain", &c.RelLogRatio, 0, 1},
		{"min-gain", "least gain of a defect family: below, its images merely look alike", &c.MinGain, 0, 10},
		{"candidate-gain", "least gain of a candidate family", &c.CandidateGain, 0, 10},
		{"max-area", "share of guilty patches above which a family is a candidate, not a defect", &c.MaxArea, 0, 1},
		{"min-sharpness", "least gain of a defect family for each neighbourhood (largest radius squared) of guilty patches: below, it is a candidate", &c.MinSharpness, 0, 1000},
		{"min-coherence", "least share of the other members that a family's guilty patches find", &c.MinCoherence, 0, 1},
		{"normal-share", "share of the images, the least anomalous, taken to be normal: patches that score above all of theirs are kept out of the comparison; 1 keeps none out", &c.NormalShare, 0, 1},
		{"outlying-margin", "by what factor the score of an image must exceed theirs before its patches are kept out", &c.OutlyingMargin, 1, 1000},
	}
}

// FamilyParams are the constants that package family takes.
func (c *Constants) FamilyParams(seed uint64, threads int) family.Params {
	return family.Params{
		Neighbours: c.Neighbours, Gamma: c.GammaQuantile, Outlier: c.OutlierK, MinMembers: int(c.MinMembers),
		Percentile: c.FilterQuantile, MinLogRho: c.MinLogRatio, RelLogRho: c.RelLogRatio,
		MinGain: c.MinGain, CandidateGain: c.CandidateGain, MaxArea: c.MaxArea, MinSharpness: c.MinSharpness, MinCoherence: c.MinCoherence, Seed: seed, Threads: threads,
	}
}
