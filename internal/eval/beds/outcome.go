package beds

import (
	"context"
	"fmt"
	"math"
	"slices"

	"codegraph"
	"codegraph/internal/eval/metric"
	"codegraph/internal/verdict"
)

// Answer is what a method says of a batch.
type Answer struct {
	Scores []float64 // of each image
	// MuSc are the scores before anything was filtered; nil if the method has
	// none.
	MuSc []float64
	// Families, those that are asked about in the order of the questions.
	Families []Family
	Verdicts []verdict.Label // of each image; nil if the method has none
}

// Family is a group of images that a method reports.
type Family struct {
	Defect  bool // reported as a defect, otherwise asked about
	Members []int
}

// Method answers for a rendered bed that Detect has scanned with
// Options. It runs on several goroutines.
type Method struct {
	Name   string
	Answer func(ctx context.Context, b *Batch, res *codegraph.Result) (*Answer, error)
}

// Program is the method of the program itself.
func Program() Method {
	return Method{"codegraph", func(_ context.Context, _ *Batch, res *codegraph.Result) (*Answer, error) {
		return AnswerOf(res), nil
	}}
}

// AnswerOf is what the program says in a result.
func AnswerOf(res *codegraph.Result) *Answer {
	a := &Answer{}
	for _, im := range res.Images {
		a.Scores = append(a.Scores, im.Score)
		a.MuSc = append(a.MuSc, im.MuScScore)
		a.Verdicts = append(a.Verdicts, im.Verdict.Label)
	}
	for _, f := range res.Families {
		if f.Status == codegraph.StatusRejected {
			continue
		}
		out := Family{Defect: f.Status == codegraph.StatusDefect}
		for _, m := range f.Members {
			out.Members = append(out.Members, m.Image)
		}
		a.Families = append(a.Families, out)
	}
	return a
}

// Hit says how well a family shows what recurs in a bed.
type Hit string

const (
	Exact   Hit = "exact"   // all of the copies and no other image
	Close   Hit = "close"   // at least 4/5 of the copies and at most 2 other images
	Pieces  Hit = "pieces"  // several families that do so together
	Nowhere Hit = "nowhere" // none
)

// Found reports whether one family shows what recurs.
func (h Hit) Found() bool { return h == Exact || h == Close }

// Counts are numbers of images by verdict.
type Counts struct{ Pass, Unsure, Fail int }

func (c *Counts) add(l verdict.Label) {
	switch l {
	case verdict.Pass:
		c.Pass++
	case verdict.Fail:
		c.Fail++
	default:
		c.Unsure++
	}
}

// Plus adds two counts.
func (c Counts) Plus(d Counts) Counts {
	return Counts{c.Pass + d.Pass, c.Unsure + d.Unsure, c.Fail + d.Fail}
}

// All is the number of images counted.
func (c Counts) All() int { return c.Pass + c.Unsure + c.Fail }

// Outcome is how a method did on a bed.
type Outcome struct {
	Version int // of the beds
	Bed     Bed
	Method  string
	// Alone says that a single copy would be found: see Batch.DetectableAlone.
	Alone bool
	// Defect is how the families reported as defects show what recurs, Asked
	// how those asked about do, and Question the place of the first of them
	// that does among the questions, from 1; 0 for none.
	Defect, Asked Hit
	Question      int
	Questions     int // families asked about
	// FalseDefects are the families reported as a defect of which at most half
	// of the images have the recurring defect.
	FalseDefects int
	// ImageAUROC of the scores and of MuSc's, 0 to 1; −1 where a bed has no
	// defective or no good images.
	AUROC, MuSc float64
	// Verdicts by Label.
	Verdicts map[Label]Counts
}

// Judge compares an answer with the truth.
func Judge(b *Batch, m string, a *Answer, alone bool) (*Outcome, error) {
	if len(a.Scores) != len(b.Images) || a.MuSc != nil && len(a.MuSc) != len(b.Images) || a.Verdicts != nil && len(a.Verdicts) != len(b.Images) {
		return nil, fmt.Errorf("beds: %s: method %s answers for %d images of %d", b.Name, m, len(a.Scores), len(b.Images))
	}
	o := &Outcome{Version: Version, Bed: b.Bed, Method: m, Alone: alone, AUROC: auroc(a.Scores, b.Defective()), MuSc: -1, Verdicts: make(map[Label]Counts)}
	if a.MuSc != nil {
		o.MuSc = auroc(a.MuSc, b.Defective())
	}
	for i, v := range a.Verdicts {
		c := o.Verdicts[b.Images[i].Label]
		c.add(v)
		o.Verdicts[b.Images[i].Label] = c
	}
	copies := b.Labelled(SharedDefect)
	recurs := slices.Concat(copies, b.Labelled(SharedFeature))
	var defects, asked []Family
	for _, f := range a.Families {
		if !f.Defect {
			asked = append(asked, f)
			if h := hit([]Family{f}, recurs); o.Question == 0 && h.Found() {
				o.Question = len(asked)
			}
			continue
		}
		defects = append(defects, f)
		if 2*shared(f, copies) <= len(f.Members) {
			o.FalseDefects++
		}
	}
	o.Questions = len(asked)
	o.Defect, o.Asked = hit(defects, recurs), hit(asked, recurs)
	return o, nil
}

func auroc(scores []float64, defective []bool) float64 {
	v, err := metric.AUROC(scores, defective)
	if err != nil || math.IsNaN(v) {
		return -1
	}
	return v
}

func shared(f Family, images []int) (n int) {
	for _, i := range f.Members {
		if slices.Contains(images, i) {
			n++
		}
	}
	return n
}

// near reports whether images are at least 4/5 of the copies and at most 2
// others.
func near(images, copies []int) bool {
	own := shared(Family{Members: images}, copies)
	return 5*own >= 4*len(copies) && len(images)-own <= 2
}

// hit is the best that families do in showing the copies.
func hit(families []Family, copies []int) Hit {
	if len(copies) == 0 {
		return Nowhere
	}
	best := Nowhere
	var union []int
	for _, f := range families {
		own := shared(f, copies)
		switch {
		case own == len(copies) && len(f.Members) == own:
			return Exact
		case near(f.Members, copies):
			best = Close
		}
		if 2*own > len(f.Members) {
			union = append(union, f.Members...)
		}
	}
	slices.Sort(union)
	if best == Nowhere && near(slices.Compact(union), copies) {
		best = Pieces
	}
	return best
}
