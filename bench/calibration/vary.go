package main

import (
	"fmt"
	"io"

	"codegraph/internal/eval/benchmark"
	"codegraph/internal/verdict"
)

// variation is the model with one constant of another value.
type variation struct {
	name   string
	params verdict.Params
}

// variations halve and double each constant; probabilities are doubled in their odds.
func variations(p verdict.Params) []variation {
	out := []variation{{"default", p}}
	for _, c := range []struct {
		name string
		of   func(p *verdict.Params) *float64
		odds bool
	}{
		{"fdr", func(p *verdict.Params) *float64 { return &p.FDR }, false},
		{"omission", func(p *verdict.Params) *float64 { return &p.Omission }, false},
		{"doubt", func(p *verdict.Params) *float64 { return &p.Doubt }, false},
		{"clean", func(p *verdict.Params) *float64 { return &p.Clean }, true},
		{"rare", func(p *verdict.Params) *float64 { return &p.Rare }, false},
		{"scatter", func(p *verdict.Params) *float64 { return &p.Scatter }, false},
		{"within", func(p *verdict.Params) *float64 { return &p.Within }, false},
	} {
		for _, by := range []float64{0.5, 2} {
			p := p
			v := c.of(&p)
			if c.odds {
				odds := by * *v / (1 - *v)
				*v = odds / (1 + odds)
			} else {
				*v *= by
			}
			out = append(out, variation{fmt.Sprintf("%s %.3g", c.name, *v), p})
		}
	}
	return out
}

// changes are what becomes of the images of all batches with a variation.
type changes struct {
	group
	images, other, worse int // whose verdict is another; that fail and are good, or pass and are defective, and did not
}

// printVariations prints how many verdicts of the batches of the files depend on each
// constant.
func printVariations(w io.Writer, files []string, p verdict.Params) error {
	all := variations(p)
	found := make([]changes, len(all))
	err := readBatches(files, func(b *benchmark.ScoredBatch) error {
		var before []verdict.Verdict
		for k, v := range all {
			j, err := verdict.Judge(evidence(b, byScore), v.params)
			if err != nil {
				return err
			}
			if k == 0 {
				before = j.Verdicts
			}
			found[k].add(b, before, j.Verdicts)
		}
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "| constant | other verdicts | newly wrong | good: fail | pass | defective: fail | pass |")
	fmt.Fprintln(w, "| --- | --- | --- | --- | --- | --- | --- |")
	for k, v := range all {
		c := found[k]
		fmt.Fprintf(w, "| %s | %.1f %% | %.1f %% |", v.name, per100(c.other, c.images), per100(c.worse, c.images))
		for _, defective := range []bool{false, true} {
			n := c.counts[defective]
			total := n[verdict.Fail] + n[verdict.Pass] + n[verdict.Unsure]
			fmt.Fprintf(w, " %.1f %% | %.1f %% |", per100(n[verdict.Fail], total), per100(n[verdict.Pass], total))
		}
		fmt.Fprintln(w)
	}
	return nil
}

func per100(k, n int) float64 { return 100 * float64(k) / float64(max(1, n)) }

func (c *changes) add(b *benchmark.ScoredBatch, before, now []verdict.Verdict) {
	n := labels(b, now)
	c.count(n)
	for i, im := range b.Images {
		c.images++
		if now[i].Label == before[i].Label {
			continue
		}
		c.other++
		wrong := verdict.Fail
		if defective(im) {
			wrong = verdict.Pass
		}
		if now[i].Label == wrong {
			c.worse++
		}
	}
}
