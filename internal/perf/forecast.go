package perf

import (
	"cmp"
	"math"
	"slices"

	"codegraph/internal/option"
	"codegraph/internal/pipeline"
)

// Sample is what scanning some images of a folder took.
type Sample struct {
	Images  int
	Seconds map[option.Phase]float64
	Plan    pipeline.MemoryPlan
}

// Forecast is what scanning all images of a folder will take.
type Forecast struct {
	Images  int     `json:"images"`
	Phases  []Phase `json:"phases"`
	Seconds float64 `json:"seconds"`
	// Memory is in bytes: all of it, and the tables of distances, which grow with
	// the square of the images.
	Memory int64 `json:"memory"`
	Tables int64 `json:"tables"`
	// Family is what else it takes if images share a defect, in seconds: then
	// they are compared again without it.
	Family float64 `json:"family_seconds"`
}

// Phase is a step of a scan.
type Phase struct {
	Name    option.Phase `json:"name"`
	Seconds float64      `json:"seconds"`
}

// pairwise are the phases whose time grows with the pairs of images; the others
// grow with the images.
var pairwise = map[option.Phase]bool{option.PhaseCompare: true, option.PhaseGraph: true, option.PhaseFilter: true}

// phases in the order of a scan.
var phases = []option.Phase{option.PhaseAlign, option.PhaseEmbed, option.PhaseCompare, option.PhaseGraph, option.PhaseFilter, option.PhaseWrite}

// Extrapolate forecasts a scan of n images from two samples of one folder, few
// of fewer images than many. What a scan takes however many images there are
// shows in the difference.
func Extrapolate(few, many Sample, n int) *Forecast {
	f := &Forecast{Images: n}
	for _, name := range phases {
		amount := func(images int) float64 {
			if pairwise[name] {
				return float64(images) * float64(images-1)
			}
			return float64(images)
		}
		fixed, each := line(amount(few.Images), few.Seconds[name], amount(many.Images), many.Seconds[name])
		s := fixed + each*amount(n)
		f.Phases = append(f.Phases, Phase{name, s})
		f.Seconds += s
	}
	f.Family = max(0, f.seconds(option.PhaseCompare)/2-f.seconds(option.PhaseFilter))
	times := float64(n) / float64(many.Images)
	f.Tables = int64(float64(many.Plan.Table) * times * times)
	f.Memory = many.Plan.Other + int64(times*float64(many.Plan.Tokens+many.Plan.Working)) + f.Tables
	return f
}

// line is the line through two points with neither part below 0: fixed costs and
// what each unit costs.
func line(x0, y0, x1, y1 float64) (fixed, each float64) {
	if x1 <= 0 {
		return y1, 0
	}
	if x1 <= x0 {
		return 0, y1 / x1
	}
	each = max(0, (y1-y0)/(x1-x0))
	fixed = y1 - each*x1
	if fixed < 0 {
		return 0, y1 / x1
	}
	return fixed, each
}

func (f *Forecast) seconds(of ...option.Phase) (sum float64) {
	for _, p := range f.Phases {
		for _, name := range of {
			if p.Name == name {
				sum += p.Seconds
			}
		}
	}
	return sum
}

// Advice is a way to make a scan faster.
type Advice struct {
	Do      string  `json:"do"`      // flags, or what to do
	Seconds float64 `json:"seconds"` // what the scan would take
	But     string  `json:"but"`     // what it costs
}

// worthwhile is the share of the time that advice must save.
const worthwhile = 0.1

// base is the number of images that others are compared with, as advised.
const base = 100

// Advise lists what would make the scan faster, the most useful first. pixels is
// the mean number of pixels of an image, decode the seconds it takes to read one,
// threads how many are read at a time, side that of the network's input in pixels,
// and patches the patches along a side.
func (f *Forecast) Advise(pixels, decode float64, threads, side, patches int) []Advice {
	var all []Advice
	add := func(do string, saved float64, but string) {
		if saved >= worthwhile*f.Seconds {
			all = append(all, Advice{do, f.Seconds - saved, but})
		}
	}
	pairs := f.seconds(option.PhaseCompare, option.PhaseGraph, option.PhaseFilter)
	if f.Images > 2*base {
		share := 2 * float64(base) / float64(f.Images)
		add("--base 100", pairs*(1-share), "images are compared with the 100 that differ most")
	}
	if patches > coarser {
		less := math.Pow(float64(coarser)/float64(patches), 2)
		network := f.seconds(option.PhaseEmbed) - decode*float64(f.Images)/float64(max(1, threads))
		add("--size 320 --grid 20", pairs*(1-less*less)+max(0, network)*(1-less), "defects of a few pixels are lost")
	}
	add("--align off", f.seconds(option.PhaseAlign)-decode*float64(f.Images)/float64(max(1, threads)), "for parts that all lie alike, in a fixture")
	if small := float64(4 * side * side); pixels > 2*small {
		add("photographs of half the width and height", 0.75*decode*float64(f.Images)/float64(max(1, threads)), "maps and regions of defects are coarser")
	}
	slices.SortStableFunc(all, func(a, b Advice) int { return cmp.Compare(a.Seconds, b.Seconds) })
	return all
}

// coarser is the patches along a side of a grid for larger defects.
const coarser = 20
