package rehearse

import (
	"fmt"

	"codegraph/internal/plant"
)

// plural names of the kinds.
var plural = map[plant.Kind]string{
	plant.Real: "your own defects", plant.Scratch: "scratches", plant.Stain: "stains", plant.Missing: "missing pieces",
	plant.Misprint: "misprints", plant.Spot: "spots", plant.Shifted: "shifted features",
	plant.Stamp: "a camera's date stamp", plant.Light: "light from one side", plant.Finish: "another finish", plant.Pose: "another pose",
}

// seen is the share of defects of a size that must not pass for the size to
// count as seen.
const seen = 0.75

// sentences say what the figures mean.
func (r *Report) sentences() []string {
	all := []string{}
	for _, kind := range append([]plant.Kind{plant.Real}, plant.Defects()...) {
		if s := r.rareSentence(kind); s != "" {
			all = append(all, s)
		}
	}
	for _, kind := range append([]plant.Kind{plant.Real}, plant.Defects()...) {
		if s := r.recurringSentence(kind); s != "" {
			all = append(all, s)
		}
	}
	for _, c := range r.Harmless {
		if c.Defects > 0 {
			all = append(all, fmt.Sprintf("%s on %.0f %% of the photographs would be reported as a defect", plural[c.Kind], 100*c.Share))
		}
		if c.Fail > 0 {
			all = append(all, fmt.Sprintf("%s makes %d of %d good parts fail", plural[c.Kind], c.Fail, c.All()))
		}
	}
	if r.Bystanders.Fail == 0 {
		all = append(all, fmt.Sprintf("no good part failed in %d batches", r.Batches))
	} else {
		all = append(all, fmt.Sprintf("%.1f %% of the good parts failed, over %d batches", 100*float64(r.Bystanders.Fail)/float64(r.Bystanders.All()), r.Batches))
	}
	return all
}

// rareSentence says from which size on a kind is seen where it is rare.
func (r *Report) rareSentence(kind plant.Kind) string {
	var rows []Rare
	for _, row := range r.Rare {
		if row.Kind == kind {
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		return ""
	}
	// The sizes from first on are seen.
	first := len(rows)
	for first > 0 && 1-rows[first-1].Missed() >= seen {
		first--
	}
	name := plural[kind]
	switch {
	case first == 0:
		return fmt.Sprintf("rare: %s are noticed from %.0f pixels on, the smallest size tried", name, rows[0].Size)
	case first == len(rows):
		return fmt.Sprintf("rare: %s of up to %.0f pixels, the largest size tried, would be missed", name, rows[first-1].Size)
	}
	return fmt.Sprintf("rare: %s below %.0f pixels would be missed", name, rows[first].Size)
}

// recurringSentence says at which shares a kind is seen.
func (r *Report) recurringSentence(kind plant.Kind) string {
	batches, families, asked := 0, 0, 0
	var v Verdicts
	for _, row := range r.Recurring {
		if row.Kind == kind {
			batches, families, asked = batches+row.Batches, families+row.Families, asked+row.Asked
			v = Verdicts{v.Fail + row.Fail, v.Unsure + row.Unsure, v.Pass + row.Pass}
		}
	}
	if batches == 0 {
		return ""
	}
	text := fmt.Sprintf("recurring: %s form a family in %d of %d batches", plural[kind], families, batches)
	if asked > 0 {
		text += fmt.Sprintf(" and are asked about in %d", asked)
	}
	return text + fmt.Sprintf("; %.0f %% of them would be missed", 100*v.Missed())
}
