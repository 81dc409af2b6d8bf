package report

import (
	"encoding/binary"
	"fmt"
	"math"

	"codegraph/internal/eval/metric"
)

// pageTruth says how the scores fare against known truth.
type pageTruth struct {
	Good      int             `json:"good"`
	Defective int             `json:"defective"`
	Masked    int             `json:"masked"` // of the defective images
	Side      int             `json:"side"`
	Methods   []pageJudgement `json:"methods"`
}

type pageJudgement struct {
	Method string       `json:"method"`
	Image  *pageFigures `json:"image"`
	Pixel  *pageFigures `json:"pixel"` // nil without masks
}

// pageFigures are figures, null where one is not defined, and their curve:
// threshold, defective and other images (pixels) that score at least it.
type pageFigures struct {
	AUROC    *float64     `json:"auroc"`
	AP       *float64     `json:"ap"`
	F1       *float64     `json:"f1"`
	PRO      *float64     `json:"pro"`
	Positive int          `json:"positive"`
	Negative int          `json:"negative"`
	Curve    [][3]float64 `json:"curve"`
}

// pageMask is a mask at a size that suits its outline: the lengths of runs of
// pixels row by row as unsigned varints, good and defective in turn.
type pageMask struct {
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Runs   []byte `json:"runs"`
}

const (
	curveStep  = 1.0 / 400 // of pixel curves, whose drawing is about as wide
	maskSide   = 256       // the longest side of masks in the page
	maskBudget = 2 << 20   // bytes of all masks in the page
)

func (p *pageData) addTruth(j *evaluator) {
	side := j.truth.Side
	if side == 0 {
		side = TruthSide
	}
	p.Truth = &pageTruth{Side: side}
	for i, d := range j.truth.Defective {
		p.Images[i].Defective = &d
		if d {
			p.Truth.Defective++
		} else {
			p.Truth.Good++
		}
		if d && j.pixels[i] != nil {
			p.Truth.Masked++
		}
	}
	for k, m := range j.methods {
		p.Truth.Methods = append(p.Truth.Methods, pageJudgement{string(m), j.imageFigures(m), j.pixelFigures(k)})
	}
	p.addMasks(j)
}

// addMasks adds those of the most anomalous images, as many as fit.
func (p *pageData) addMasks(j *evaluator) {
	left, out := maskBudget, 0
	for _, i := range byRank(j.res) {
		m := j.masks[i]
		if m == nil {
			continue
		}
		if left -= len(m.Runs); left < 0 {
			out++
			continue
		}
		p.Images[i].Mask = m
	}
	if out > 0 {
		p.LeftOut = append(p.LeftOut, fmt.Sprintf("Outlines of the known defects of %d images: they are too intricate.", out))
	}
}

func newPageFigures(f metric.Figures, c *metric.Curve) *pageFigures {
	defined := func(v float64) *float64 {
		if math.IsNaN(v) {
			return nil
		}
		return &v
	}
	p := &pageFigures{
		AUROC: defined(f.AUROC), AP: defined(f.AP), F1: defined(f.F1Max), PRO: defined(f.PRO),
		Positive: c.Positive, Negative: c.Negative, Curve: make([][3]float64, len(c.Points)),
	}
	for k, at := range c.Points {
		p.Curve[k] = [3]float64{at.Threshold, float64(at.TP), float64(at.FP)}
	}
	return p
}

// newPageMask shrinks a mask of w × h: a pixel of the result is defective if
// any below it is, so that fine defects stay. It is nil if there are none.
func newPageMask(mask []bool, w, h int) *pageMask {
	m := &pageMask{Width: w, Height: h}
	if long := max(w, h); long > maskSide {
		m.Width, m.Height = max(1, w*maskSide/long), max(1, h*maskSide/long)
	}
	small := make([]bool, m.Width*m.Height)
	marked := false
	for y := range h {
		row := small[y*m.Height/h*m.Width:]
		for x, on := range mask[y*w : (y+1)*w] {
			if on {
				row[x*m.Width/w], marked = true, true
			}
		}
	}
	if !marked {
		return nil
	}
	run, on := 0, false
	for _, v := range small {
		if v != on {
			m.Runs = binary.AppendUvarint(m.Runs, uint64(run))
			run, on = 0, v
		}
		run++
	}
	m.Runs = binary.AppendUvarint(m.Runs, uint64(run))
	return m
}
